"""Fixtures that all tests share: a home of their own, and a check that nothing is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dashapp.application.services import Services, open_services
from dashapp.settings import Settings
from tests.trained import train_two_models
from tests.waiting import wait_until

DATA = Path(__file__).parent / "data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", cache=tmp_path / "cache", sample_s=1.0)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    opened = open_services(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two models, none of them deployed, to be copied."""
    home = tmp_path_factory.mktemp("trained") / "home"
    train_two_models(home)
    return home


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No thread of ours and no process outlives a test."""
    threads = set(threading.enumerate())
    processes = {child.pid for child in psutil.Process().children(recursive=True)}

    def ours_are_gone() -> bool:
        extra = [each for each in threading.enumerate() if each not in threads and each.name in OUR_THREADS]
        children = [each for each in psutil.Process().children(recursive=True) if each.pid not in processes and _is_trainer(each)]
        return not extra and not children

    yield
    wait_until(ours_are_gone, timeout_s=10)


OUR_THREADS = {"tail", "dispatcher", "sampler", "meter", "ledger", "watch", "chores", "alerts"}


def _is_trainer(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "dashapp.application.trainer" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def pytest_setup_options() -> object:
    """Chromium's options, for `dash[testing]`: as root in a container, and without calls to hosts of its maker."""
    from selenium.webdriver.chrome.options import Options

    options = Options()
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "disable-dev-shm-usage",
        "window-size=1440,1000",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options
