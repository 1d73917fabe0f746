"""The peers, each with the same pipeline, one server of its own on the loopback address, as installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

from dashapp.models.export.safe_model import exported_pipeline
from dashapp.settings import ROOT
from dashapp.training import parts
from tests.server.running import free_port
from tests.waiting import wait_until

HERE = Path(__file__).parent / "peers"
BIN = ROOT / ".venv-peers-serving" / "bin"

START_S = 120

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` is given the port, `body` the rows; `read` takes the probabilities out of an answer."""

    name: str
    command: Callable[[int, Path, int], Sequence[str]]
    folder: Path | None
    path: str
    body: Callable[[Rows], dict[str, Any]]
    read: Callable[[Any], list[float]]


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that answers, or the sentence that says why it does not."""

    peer: Peer
    url: str
    problem: str = ""


def _v2(rows: Rows) -> dict[str, Any]:
    def tensor(name: str) -> dict[str, Any]:
        values = [row[name] for row in rows]
        is_text = any(isinstance(value, str) for value in values)
        kind = {"datatype": "BYTES", "parameters": {"content_type": "str"}} if is_text else {"datatype": "FP64"}
        return {"name": name, "shape": [len(values), 1], "data": values, **kind}

    inputs = [tensor(name) for name in rows[0]]
    return {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": [{"name": "predict_proba"}]}


def _flat(answer: Any) -> list[float]:
    return [share for row in answer for share in row]


PEERS = (
    Peer(
        "BentoML",
        lambda port, place, workers: ["bentoml", "serve", "bento_service:Reference", "--host", "127.0.0.1", "-p", str(port)],
        HERE,
        "/predict",
        lambda rows: {"rows": rows},
        _flat,
    ),
    Peer(
        "MLServer",
        lambda port, place, workers: ["mlserver", "start", f"{place}/mlserver"],
        None,
        "/v2/models/reference/infer",
        _v2,
        lambda answer: list(answer["outputs"][0]["data"]),
    ),
    Peer(
        "MLflow",
        lambda port, place, workers: [
            *("mlflow", "models", "serve", "-m", f"{place}/mlflow", "-h", "127.0.0.1", "-p", str(port)),
            *("--env-manager", "local", "-w", str(workers)),
        ],
        None,
        "/invocations",
        lambda rows: {"dataframe_records": rows},
        lambda answer: _flat(answer["predictions"]),
    ),
)


def prepare(artifact: Path, place: Path) -> None:
    """The model of this artifact in `place`, in the form that each peer serves."""
    with exported_pipeline(artifact) as source, (place / "model.skops").open("wb") as target:
        shutil.copyfileobj(source, target)
    shutil.copy(parts.__file__, place / "parts.py")
    command = [str(BIN / "python"), str(HERE / "prepare.py"), str(place)]
    subprocess.run(command, env=_environment(place), check=True, capture_output=True, text=True)


@contextmanager
def every_peer(place: Path, rows: Rows, workers: int) -> Iterator[list[Running]]:
    """All of them, started one after the other, once they have answered; one that does not is told of, not hidden."""
    with ExitStack() as stack:
        yield [stack.enter_context(_running(peer, place, rows, workers)) for peer in PEERS]


@contextmanager
def _running(peer: Peer, place: Path, rows: Rows, workers: int) -> Iterator[Running]:
    port = free_port()
    url = f"http://127.0.0.1:{port}{peer.path}"
    program, *words = peer.command(port, place, workers)
    log = place / f"{peer.name}.log"
    with log.open("wb") as output:
        environment = _environment(place, port, workers)
        process = subprocess.Popen([str(BIN / program), *words], cwd=peer.folder or place, env=environment, stdout=output, stderr=output)
    try:
        yield Running(peer, url, _problem(process, log, url, peer.body(rows)))
    finally:
        _end(process)


def _problem(process: subprocess.Popen[bytes], log: Path, url: str, body: Any) -> str:
    """Empty once it answers."""
    try:
        wait_until(lambda: process.poll() is not None or _is_answering(url, body), timeout_s=START_S, every_s=0.5)
    except AssertionError:
        return f"it did not answer within {START_S} s: {log.read_text()[-200:]}"
    return "" if process.poll() is None else f"it ended: {log.read_text()[-200:]}"


def _is_answering(url: str, body: Any) -> bool:
    try:
        return requests.post(url, json=body, timeout=30).ok
    except requests.RequestException:
        return False


def _environment(place: Path, port: int = 0, workers: int = 1) -> dict[str, str]:
    """One OpenMP thread a process, as our own workers have; nothing is called home."""
    own = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(place),
        "OMP_NUM_THREADS": "1",
        "BENCHMARK_MODEL": str(place / "model.joblib"),
        "BENCHMARK_WORKERS": str(workers),
        "BENTOML_HOME": str(place / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(port),
        "MLSERVER_GRPC_PORT": str(free_port()),
        "MLSERVER_METRICS_PORT": str(free_port()),
        "MLSERVER_PARALLEL_WORKERS": str(workers),
        "MLSERVER_DEBUG": "false",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("DASHAPP_")} | own


def _end(process: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for each in family:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
