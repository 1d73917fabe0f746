"""Opening the stores, as every process of an install does at the same time."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dashapp.application.services import open_services
from dashapp.settings import Settings


def test_two_processes_that_start_on_a_fresh_install_do_not_end_each_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one makes the folder in the moment after this one has seen that there is none."""
    make = Path.mkdir

    def made_by_the_other_first(folder: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if not folder.exists():
            make(folder, mode, parents, True)
        make(folder, mode, parents, exist_ok)

    monkeypatch.setattr(Path, "mkdir", made_by_the_other_first)
    open_services(settings).close()
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
