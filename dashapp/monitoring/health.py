"""The health of the services: each probe runs in a thread of its own, so that one that hangs holds up nothing else."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dashapp.monitoring.told import Alert, Severity

ALL_HEALTHY = "ALL HEALTHY"
TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


class ServiceName(StrEnum):
    """The four services, in the order and with the words of the screen."""

    TRAINING_PIPELINE = "Training Pipeline"
    MODEL_API = "Model API"
    FILE_STORAGE = "File Storage"
    DATABASE = "Database"


class HealthState(StrEnum):
    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    FAILING = "failing"


_WORSE = list(HealthState)


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """What a probe found: a measured `figure` in a few words, a `message` in more of them, and the bare numbers, units in their names."""

    name: str
    state: HealthState
    figure: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> ServiceHealth:
        """From the members that were kept."""
        return cls(kept["name"], HealthState(kept["state"]), kept["figure"], kept["message"], kept["values"])


Probe = Callable[[], ServiceHealth]


def headline(services: Sequence[ServiceHealth], alerts: Sequence[Alert] = ()) -> str:
    """ALL HEALTHY, or the worst in words and how much more is not well. Critical `alerts` that stand count as a service that fails."""
    unwell = [(_WORSE.index(each.state), f"{each.name}: {each.message}") for each in services if each.state is not HealthState.OK]
    critical = [each for each in alerts if each.is_standing and each.severity is Severity.CRITICAL]
    unwell += [(_WORSE.index(HealthState.FAILING), each.message) for each in critical]
    if not unwell:
        return ALL_HEALTHY
    _, words = max(unwell, key=lambda each: each[0])
    more = f" (and {len(unwell) - 1} more)" if len(unwell) > 1 else ""
    return f"{words}{more}"


class HealthCheck:
    """Runs the probes, all at once. A probe that hangs keeps its one thread and is not started again before it comes back."""

    def __init__(self, probes: Mapping[str, Probe], timeout_s: float = TIMEOUT_S) -> None:
        self._probes, self._timeout_s = probes, timeout_s
        self._hanging: dict[str, Future[ServiceHealth]] = {}

    def run(self) -> tuple[ServiceHealth, ...]:
        """The answers in the order of the probes, at most `timeout_s` from now. One caller at a time."""
        self._hanging = {name: answer for name, answer in self._hanging.items() if not answer.done()}
        deadline = time.monotonic() + self._timeout_s
        started = {name: _start(name, probe) for name, probe in self._probes.items() if name not in self._hanging}
        return tuple(self._answer(name, started.get(name), deadline) for name in self._probes)

    def _answer(self, name: str, answer: Future[ServiceHealth] | None, deadline: float) -> ServiceHealth:
        if answer is not None:
            try:
                return answer.result(max(deadline - time.monotonic(), 0))
            except NotInTime:
                self._hanging[name] = answer
        return ServiceHealth(name, HealthState.FAILING, "not answering", f"not answering within {self._timeout_s:g} s")


def _start(name: str, probe: Probe) -> Future[ServiceHealth]:
    answer: Future[ServiceHealth] = Future()

    def work() -> None:
        try:
            answer.set_result(probe())
        except Exception as error:
            _log.warning("the check of %s failed", name, exc_info=True)
            answer.set_result(ServiceHealth(name, HealthState.FAILING, "failed", f"the check failed with {type(error).__name__}"))

    threading.Thread(target=work, name=f"health-{name}", daemon=True).start()
    return answer


def size_in_words(count: float) -> str:
    """Bytes as a person reads them: `2.1 GB`, `80 GB`; decimal, like the makers of disks count."""
    units = ["TB", "GB", "MB", "kB", "B"]
    while count >= 999.5 and len(units) > 1:
        count, _ = count / 1000, units.pop()
    return f"{count:.1f} {units[-1]}" if count < 9.95 and units[-1] != "B" else f"{count:.0f} {units[-1]}"


def time_in_words(seconds: float) -> str:
    """A span as a person says it: `45 s`, `12 min`, `6 h`, `1.5 h`, `3 days`."""
    for unit, size, below in (("s", 1.0, 90.0), ("min", 60.0, 90.0), ("h", 3600.0, 48.0)):
        if seconds < below * size:
            return f"{_short(seconds / size) if unit == 'h' else round(seconds / size)} {unit}"
    return f"{_short(seconds / 86400)} days"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 9.95 else f"{number:.0f}"
