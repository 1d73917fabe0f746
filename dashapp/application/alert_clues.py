"""The facts around the moment of an alert, gathered where they are kept, from which its cause is told."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

import psutil

from dashapp.application.drift import latest_drift
from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.database.leases import HOST
from dashapp.errors import NotFound
from dashapp.monitoring import alert_causes as causes
from dashapp.monitoring.alert_causes import Clue, Folder
from dashapp.monitoring.alert_rules import Finding
from dashapp.monitoring.health import size_in_words
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.monitoring.told import Cause, Link, LinkKind
from dashapp.training.run import Run, RunState

FAILURES_S = 180.0
SERVER_ERROR = 500
DAY_S, HOUR_S = 86400.0, 3600.0
MOST_FILES = 20_000
LARGE_WAL_BYTES = 64 * 2**20

_log = logging.getLogger(__name__)
Gather = Callable[[Services, Finding, float], list[Clue]]


def probable_cause(services: Services, finding: Finding, now: float) -> Cause:
    """Never invented: where nothing speaks for anything it says so. What cannot be asked for is left out."""
    clues: list[Clue] = []
    for gather in _GATHERED_FOR.get(finding.rule, ()):
        try:
            clues += gather(services, finding, now)
        except Exception:
            _log.warning("a part of the cause of %s could not be looked for", finding.rule, exc_info=True)
    return causes.cause_of(clues)


def _failures(services: Services, _finding: Finding, now: float) -> list[Clue]:
    return causes.of_failures([each for each in services.requests.failures(now - FAILURES_S, now) if each.status >= SERVER_ERROR])


def _deployment(services: Services, _finding: Finding, now: float) -> list[Clue]:
    live = services.deployments.live()
    return causes.of_deployment([] if live is None else [live], now)


def _trainings(services: Services, _finding: Finding, _now: float) -> list[Clue]:
    return causes.of_trainings(_at_work(services))


def _rise(services: Services, _finding: Finding, now: float) -> list[Clue]:
    sample = services.samples.latest()
    points = history_of(services).points("requests_per_minute", now - HOUR_S, now - FAILURES_S)
    usual = [point.mean for point in points if point.mean is not None]
    return causes.of_requests(None if sample is None else sample.requests_per_minute, median(usual) if usual else None)


def _processes(services: Services, finding: Finding, now: float) -> list[Clue]:
    snapshot = latest_snapshot(services.samples, now, finding.about)
    runs = {run.id: run for run in _at_work(services)}
    return causes.of_processes(snapshot.get("processes") or (), snapshot.get("memory_used_bytes"), runs)


def _folders(services: Services, _finding: Finding, now: float) -> list[Clue]:
    home = services.settings.home
    try:
        used = psutil.disk_usage(str(home)).used
    except OSError:
        used = None
    newest_set = next(iter(services.datasets.all()), None)
    newest_model = next(iter(services.models.all()), None)
    folders = [
        _measured(
            "the datasets",
            [services.datasets.directory],
            now,
            None if newest_set is None else Link(LinkKind.DATASET, newest_set.id, newest_set.name),
        ),
        _measured(
            "the models",
            [services.models.directory],
            now,
            None if newest_model is None else causes.model_link(newest_model.id, newest_model.version),
        ),
        _database_folder(services, now),
    ]
    others = [each for each in home.iterdir() if each not in (services.datasets.directory, services.models.directory)]
    folders.append(_measured("other files", [each for each in others if not each.name.startswith("dashapp.db")], now, None))
    return causes.of_folders(folders, used)


def _measured(name: str, paths: Iterable[Path], now: float, newest: Link | None) -> Folder:
    sizes = [(status.st_size, status.st_mtime) for path in paths for status in _files(path)]
    return Folder(name, sum(size for size, _ in sizes), sum(size for size, at in sizes if at > now - DAY_S), newest)


def _files(path: Path) -> Iterable[os.stat_result]:
    """Of all files below, the first `MOST_FILES`; without following links."""
    waiting, left = [path], MOST_FILES
    while waiting and left:
        try:
            here = waiting.pop()
            if here.is_file():
                yield here.stat()
                continue
            with os.scandir(here) as entries:
                for entry in entries:
                    left -= 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.stat()
                    if not left:
                        break
        except OSError:  # it is gone by now
            continue


def _database_folder(services: Services, now: float) -> Folder:
    """The ledger of the predictions lies in it. Its file is always new, so that its growth is that of the day's history."""
    size = sum(status.st_size for path in services.settings.home.glob("dashapp.db*") for status in _files(path))
    points = history_of(services).points("database_bytes", now - DAY_S, now)
    known = [point.mean for point in points if point.mean is not None]
    return Folder("the database and the ledger", size, max(int(size - known[0]), 0) if known else 0)


def _trainer(services: Services, finding: Finding, _now: float) -> list[Clue]:
    run = _find(services, finding.about)
    trainer = next((each for each in services.runs.trainers() if each.run_id == finding.about), None)
    if run is None or trainer is None:
        return []
    where = f"{run.stage}, {run.percent:.0f} %: {run.message}"
    return [Clue(_state_words(trainer.host, trainer.pid), (where,), (causes.run_link(run),))]


def _state_words(host: str, pid: int) -> str:
    if host != HOST:
        return f"The trainer (process {pid} on {host}) no longer writes down that it is alive"
    try:
        status = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return f"The trainer (process {pid}) is gone"
    words = {
        psutil.STATUS_STOPPED: "was stopped by a signal",
        psutil.STATUS_DISK_SLEEP: "waits for the disk",
        psutil.STATUS_ZOMBIE: "has ended",
    }
    return f"The trainer (process {pid}) {words.get(status, f'is {status}, but no longer writes down that it is alive')}"


def _failed_run(services: Services, finding: Finding, _now: float) -> list[Clue]:
    run = _find(services, finding.subject.get("run", ""))
    if run is None:
        return []
    used = services.runs.resources(run.id)[-1:]
    memory = tuple(f"its trainer held {size_in_words(each['memory_bytes'])} when it was measured last" for each in used)
    stopped = f"it came to {run.stage}, {run.percent:.0f} %"
    links = (causes.run_link(run), Link(LinkKind.DATASET, run.dataset_id, run.dataset_name))
    return [Clue(run.error or f"The training {run.state.value}", (stopped, *memory), links)]


def _drift(services: Services, finding: Finding, _now: float) -> list[Clue]:
    drift = latest_drift(services, finding.about)
    if drift is None or not drift.drifting:
        return []
    worst = sorted(drift.drifting, key=lambda each: -each.effect)
    links = (causes.model_link(drift.model_id, drift.version),)
    return [Clue(worst[0].words, (*(each.words for each in worst[1:4]), drift.words), links)]


def _writers(services: Services, _finding: Finding, now: float) -> list[Clue]:
    """Who writes much: predictions into the ledger, and a journal that nobody could fold back."""
    sample, found = services.samples.latest(), []
    predictions = 0 if sample is None else sample.model_predictions_per_minute or 0
    if predictions >= causes.LEAST_REQUESTS:
        found.append(Clue(f"{predictions:,} predictions a minute are written into the ledger"))
    wal = Path(f"{services.settings.home / 'dashapp.db'}-wal")
    if services.database.is_sqlite and wal.exists() and wal.stat().st_size > LARGE_WAL_BYTES:
        found.append(Clue(f"The database's journal has grown to {size_in_words(wal.stat().st_size)}: a long read or write holds it up"))
    return found


def _busy(services: Services, finding: Finding, now: float) -> list[Clue]:
    snapshot = latest_snapshot(services.samples, now, finding.subject.get("host", HOST))
    cpu, disk = snapshot.get("cpu_usage"), snapshot.get("storage_usage")
    found = [] if cpu is None or cpu < 90 else [Clue(f"The processors are at {cpu:.0f} %")]
    return found + ([] if disk is None or disk < 98 else [Clue(f"The disk is {disk:.0f} % full")])


def _at_work(services: Services) -> list[Run]:
    return [run for run in services.runs.unfinished() if run.state is RunState.RUNNING]


def _find(services: Services, run_id: str) -> Run | None:
    try:
        return services.runs.get(run_id)
    except NotFound:
        return None


_SLOW: tuple[Gather, ...] = (_trainings, _deployment, _rise, _busy)
_GATHERED_FOR: Mapping[str, tuple[Gather, ...]] = {
    "memory_high": (_processes, _trainings),
    "disk_nearly_full": (_folders,),
    "disk_low": (_folders,),
    "disk_full_soon": (_folders,),
    "error_rate": (_failures, _deployment),
    "latency": _SLOW,
    "trainer_stalled": (_trainer,),
    "run_failed": (_failed_run,),
    "drift": (_drift,),
    "database_slow": (_trainings, _writers, _busy),
    "event_lag": _SLOW,
    "service_down": (_busy,),
}
