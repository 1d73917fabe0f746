"""What a setting, or a person, could cure: each rule looks at plain figures and speaks only with evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashapp.monitoring.told import Advice

BUSY_CPU = 85.0
SLOW_MS = 50.0
CROWDED = 0.8
LEAST_MS = 2.0
LONG_WAIT_S = 300.0
IDLE_CPU = 50.0
LEAST_ONE_ROW_PER_MINUTE = 3_000


@dataclass(frozen=True, slots=True)
class Speed:
    """A version that was asked: the median of its milliseconds, and its score with the interval."""

    version: int
    ms: float
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rules look at, of the last hour unless a field says otherwise; None is "not known". `busy_share` is the part of the hour
    in which the CPU was above `BUSY_CPU` percent; `out_of_time` are those of the last `runs` that used their whole budget while their
    loss still fell; `waited_s` is how long the first of `waiting` runs has been queued; `ledger_days_held` is how far the ledger reaches
    back, and `ledger_share` how full it is by bytes; `speeds` begin with the live version; `open_host` is an address that others can
    reach, where no token is set."""

    cores: int = 1
    workers: int = 1
    cpu_mean: float | None = None
    busy_share: float | None = None
    response_p95_ms: float | None = None
    requests_per_minute: float | None = None
    predictions_per_minute: float | None = None
    sockets: float | None = None
    most_sockets: int = 0
    runs: int = 0
    out_of_time: int = 0
    budget_s: float = 0.0
    failed_for_memory: int = 0
    ledger_days: int = 0
    ledger_days_held: float | None = None
    ledger_share: float | None = None
    is_live_compiled: bool | None = None
    speeds: tuple[Speed, ...] = ()
    waiting: int = 0
    waited_s: float = 0.0
    most_runs: int = 1
    open_host: str = ""
    alerts: int = 0
    has_alert_urls: bool = False


Rule = Callable[[Figures], Advice | None]


def advice_from(figures: Figures) -> tuple[Advice, ...]:
    return tuple(found for rule in RULES if (found := rule(figures)) is not None)


def _more_workers(f: Figures) -> Advice | None:
    if f.cpu_mean is None or f.response_p95_ms is None or f.cores <= f.workers or not f.requests_per_minute:
        return None
    if f.response_p95_ms < SLOW_MS or f.cpu_mean > 100 * (f.workers + 0.5) / f.cores:
        return None
    return Advice(
        "more_workers",
        f"Answers are slow while cores stand idle: start {f.cores} web processes.",
        (
            f"95 % of the answers took up to {f.response_p95_ms:.0f} ms in the last hour",
            f"{f.workers} web processes on {f.cores} cores, whose use was {f.cpu_mean:.0f} % on average",
        ),
        "DASHAPP_WORKERS",
    )


def _too_busy(f: Figures) -> Advice | None:
    if f.busy_share is None or f.response_p95_ms is None or f.busy_share < 0.5 or f.response_p95_ms < SLOW_MS or f.cores > f.workers:
        return None
    return Advice(
        "machine_too_small",
        "This machine is at its limit: train when fewer requests come, or move to one with more cores.",
        (
            f"the CPU was above {BUSY_CPU:.0f} % for {100 * f.busy_share:.0f} % of the last hour",
            f"95 % of the answers took up to {f.response_p95_ms:.0f} ms",
        ),
    )


def _threads(f: Figures) -> Advice | None:
    if f.sockets is None or not f.most_sockets or f.sockets < CROWDED * f.most_sockets:
        return None
    return Advice(
        "more_threads",
        "Nearly as many pages are open as may be: raise the threads, one for each page more.",
        (f"{f.sockets:.0f} of {f.most_sockets} live connections are in use",),
        "DASHAPP_THREADS",
    )


def _budget(f: Figures) -> Advice | None:
    if f.runs < 2 or f.out_of_time < f.runs / 2:
        return None
    return Advice(
        "longer_budget",
        "Most trainings were still getting better when their time was over: give them more.",
        (f"{f.out_of_time} of the last {f.runs} trainings used their whole budget while their loss still fell",),
        "DASHAPP_BUDGET_S",
    )


def _memory(f: Figures) -> Advice | None:
    if not f.failed_for_memory:
        return None
    words = "1 training" if f.failed_for_memory == 1 else f"{f.failed_for_memory} trainings"
    return Advice(
        "more_memory",
        "Trainings need more memory than they may use: raise the limit, or leave out columns of words.",
        (f"{words} of the last week ran out of memory",),
        "DASHAPP_TRAINER_MEMORY_BYTES",
    )


def _retention(f: Figures) -> Advice | None:
    if f.ledger_share is None or f.ledger_days_held is None or f.ledger_share < 0.95 or f.ledger_days_held >= CROWDED * f.ledger_days:
        return None
    return Advice(
        "larger_ledger",
        "The prediction ledger is full before its days are over: give it more bytes, or say that fewer days are enough.",
        (f"it reaches back {f.ledger_days_held:.1f} of {f.ledger_days} days",),
        "DASHAPP_LEDGER_BYTES",
    )


def _batches(f: Figures) -> Advice | None:
    predictions, requests = f.predictions_per_minute, f.requests_per_minute
    if not predictions or not requests or predictions < LEAST_ONE_ROW_PER_MINUTE or predictions > 1.5 * requests:
        return None
    return Advice(
        "send_batches",
        "Callers send one row at a time: many rows in one request cost a tenth each.",
        (f"{requests:,.0f} requests a minute for {predictions:,.0f} rows",),
    )


def _not_compiled(f: Figures) -> Advice | None:
    if f.is_live_compiled is not False:
        return None
    return Advice(
        "not_compiled",
        "The live model is answered by its pipeline, ten times as slow as a compiled one: train again to get one that compiles.",
        ("its compiled form did not give the pipeline's own answers, or could not be made",),
    )


def _faster_version(f: Figures) -> Advice | None:
    """One that takes half the time and whose score noise could explain."""
    if not f.speeds:
        return None
    live, *others = f.speeds
    as_good = [each for each in others if each.ms * 2 <= live.ms and each.high >= live.score and each.score >= live.low]
    if not as_good or live.ms < LEAST_MS:
        return None
    best = min(as_good, key=lambda each: each.ms)
    return Advice(
        "faster_version",
        f"Version {best.version} answers in less than half the time of version {live.version}, and its score is as good: use it.",
        (
            f"half of the answers took up to {best.ms:.1f} ms with version {best.version}, {live.ms:.1f} ms with version {live.version}",
            f"scores {best.score:.3f} ({best.low:.3f} to {best.high:.3f}) and {live.score:.3f} ({live.low:.3f} to {live.high:.3f})",
        ),
    )


def _more_runs(f: Figures) -> Advice | None:
    if not f.waiting or f.waited_s < LONG_WAIT_S or f.cpu_mean is None or f.cpu_mean > IDLE_CPU or f.cores <= f.most_runs:
        return None
    words = "1 training waits" if f.waiting == 1 else f"{f.waiting} trainings wait"
    return Advice(
        "more_runs",
        "Trainings wait while cores stand idle: let more of them run at the same time.",
        (f"{words}, the first for {f.waited_s / 60:.0f} min", f"the CPU was at {f.cpu_mean:.0f} % on average in the last hour"),
        "DASHAPP_MAX_RUNS",
    )


def _no_token(f: Figures) -> Advice | None:
    if not f.open_host:
        return None
    return Advice(
        "set_token",
        "The server listens to other machines, but answers none of them as long as there is no token: set one.",
        (f"it listens on {f.open_host} and no token is set",),
        "DASHAPP_TOKEN",
    )


def _nobody_is_told(f: Figures) -> Advice | None:
    if f.has_alert_urls or not f.alerts:
        return None
    words = "1 alert was" if f.alerts == 1 else f"{f.alerts} alerts were"
    return Advice(
        "send_alerts",
        "Alerts are shown on this page only: name an address, and they come by e-mail, chat or webhook.",
        (f"{words} raised in the last week",),
        "DASHAPP_ALERT_URLS",
    )


RULES: tuple[Rule, ...] = (
    _more_workers,
    _too_busy,
    _threads,
    _memory,
    _budget,
    _retention,
    _batches,
    _not_compiled,
    _faster_version,
    _more_runs,
    _no_token,
    _nobody_is_told,
)
