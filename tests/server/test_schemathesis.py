"""schemathesis as a stranger would run it, with all of its phases, against the running server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashapp.settings import ROOT
from tests.server.running import GUNICORN, running

PHASES = "examples,coverage,fuzzing,stateful"


@pytest.mark.slow
@pytest.mark.parametrize("is_deployed", [True, False])
def test_nothing_is_found(trained_home: Path, tmp_path: Path, is_deployed: bool) -> None:
    shutil.copytree(trained_home, tmp_path / "home")
    with running(GUNICORN, tmp_path, max_runs="1") as server:
        if is_deployed:
            newest = server.get("/api/models")["models"][0]
            server.post(f"/api/models/{newest['id']}/deploy")
        options = ["--max-examples", "40", "--phases", PHASES, "--seed", "1", "--no-color", "--continue-on-failure"]
        program = Path(sys.executable).parent / "schemathesis"
        config = ROOT / "schemathesis.toml"
        command = [str(program), "--config-file", str(config), "run", f"{server.url}/openapi.json", *options]
        found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=800)
        assert found.returncode == 0, found.stdout[-8000:] + found.stderr[-2000:]
        assert "Traceback" not in server.log.read_text()
