"""What a setting, or a person, could cure: each rule looks at plain figures and speaks only with evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashapp.monitoring.told import Advice

BUSY_CPU = 85.0
SLOW_MS = 50.0
CROWDED = 0.8
LEAST_ONE_ROW_PER_MINUTE = 3_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rules look at, of the last hour unless a field says otherwise; None is "not known". `busy_share` is the part of the hour
    in which the CPU was above `BUSY_CPU` percent; `out_of_time` the runs of the last week that used their whole budget, of `runs`;
    `ledger_days_held` how far the ledger reaches back, and `ledger_share` how full it is by bytes."""

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
        (f"{f.out_of_time} of the last {f.runs} trainings used their whole budget ({f.budget_s:.0f} s)",),
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
    _nobody_is_told,
)
