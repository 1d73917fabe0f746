"""What a start says, and that a wrong setting stops it in a sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dashapp.settings import ROOT
from tests.server.running import DEVELOPMENT, GUNICORN, running


@pytest.mark.parametrize("command", [DEVELOPMENT, GUNICORN], ids=["development", "gunicorn"])
@pytest.mark.parametrize(("name", "value"), [("DASHAPP_PORT", "http"), ("DASHAPP_TOKEN", "short"), ("DASHAPP_BUGDET_S", "60")])
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path: Path, command: tuple[str, ...], name: str, value: str) -> None:
    environment = os.environ | {"DASHAPP_HOME": str(tmp_path / "home"), "DASHAPP_CACHE": str(tmp_path / "cache"), name: value}
    start = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert start.returncode != 0
    said = start.stdout + start.stderr
    assert name in said
    assert "Traceback" not in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("command", "says_where"), [(DEVELOPMENT, True), (GUNICORN, False)], ids=["development", "gunicorn"])
def test_a_normal_day_leaves_no_error_in_the_log_and_the_development_server_says_where_it_is(
    tmp_path: Path, command: tuple[str, ...], says_where: bool
) -> None:
    with running(command, tmp_path, url_prefix="") as server:
        assert (f"Open {server.url}/" in server.log.read_text()) is says_where
        server.get("/api/status")
        server.get("/api/health")
        assert server.stop() == 0
        said = server.log.read_text()
    assert "Traceback" not in said
    assert "ERROR" not in said
