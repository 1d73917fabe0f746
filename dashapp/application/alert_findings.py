"""One look at everything that the rules of the alerts are about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from statistics import median

from dashapp.application.drift import latest_drift
from dashapp.application.foresight import forecasts
from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.database.leases import HOST
from dashapp.errors import NotFound
from dashapp.events.fact import Event, EventType
from dashapp.monitoring.alert_rules import Finding, Rule, against_baseline, limit_of, measured, with_threshold
from dashapp.monitoring.alert_watch import HELD_S
from dashapp.monitoring.health import HealthState
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.snapshot import STALE_INTERVALS
from dashapp.monitoring.told import Alert
from dashapp.training.run import RunState

FIRST_LOOK_S, NEXT_LOOK_S = 120.0, 60.0
"""How far back samples are read by a process that has just begun, and by one that looks on."""
LEAST_GAP_S, GAP_INTERVALS = 60.0, 3
"""Two findings further apart say nothing about the time between; a database that hangs makes samples rare."""
DAY_S = 86400.0
USUAL_KEPT_S, USUAL_UNTIL_S, LEAST_POINTS = 300.0, 600.0, 20
"""What latency is usual is asked for so often; it leaves the last minutes out, and needs so many points of history."""
SOON, STILL_SOON = timedelta(hours=24), timedelta(hours=36)
LEAST_COVERAGE = 0.6
NEWEST_ENDS = 100
NOT_ANSWERING = ("not answering", "failed")
"""The figures of a service whose check did not come to an end, or broke."""

_FAILED = (RunState.FAILED.value, RunState.INTERRUPTED.value)


class Look:
    """`standing` are the alerts that stand; what they are about is looked at too where it is no longer there."""

    def __init__(self, services: Services, rules: Mapping[str, Rule], standing: Collection[Alert], now: float) -> None:
        self._services, self._rules, self._standing, self._now = services, rules, standing, now
        self._watch = services.alert_watch
        self._gap_s = max(LEAST_GAP_S, GAP_INTERVALS * services.samples.sample_s)

    def take(self) -> None:
        """Tell the watch of everything that is found."""
        self._hear_samples()
        for name, look in (
            ("trainer_stalled", self._trainers),
            ("run_failed", self._runs),
            ("drift", self._drift),
            ("disk_full_soon", self._disk),
        ):
            rule = self._rules.get(name)
            if rule is not None and self._watch.is_due(rule, self._now):
                self._hear(rule, look(rule))

    def _hear(self, rule: Rule, found: Iterator[Finding]) -> None:
        """Also of what stands and was not found: nothing is known of it."""
        heard = set()
        for finding in found:
            heard.add(finding.about)
            self._watch.hear(finding, self._now, max(self._gap_s, 3 * rule.every_s))
        self._hear_nothing(rule, heard)

    def _hear_nothing(self, rule: Rule, heard: Collection[str]) -> None:
        for about in self._abouts(rule) - set(heard):
            subject = {"host": about} if rule.limit is not None and rule.limit.is_per_host else {}
            self._watch.hear(Finding(rule.name, about, None, subject=subject), self._now, HELD_S)

    def _abouts(self, rule: Rule) -> set[str]:
        return {each.about for each in self._standing if each.rule == rule.name}

    def _hear_samples(self) -> None:
        """Each sample of each host once, in the order of time; figures of all hosts by the host that sampled last."""
        since = self._now - (NEXT_LOOK_S if self._watch.seen else FIRST_LOOK_S)
        by_host = {
            host: found
            for host, found in self._services.samples.since_by_host(since).items()
            if self._now - found[-1].at.timestamp() <= STALE_INTERVALS * self._services.samples.sample_s
        }
        newest = max(by_host, key=lambda host: by_host[host][-1].at, default="")
        limited = [rule for rule in self._rules.values() if rule.limit is not None and rule.name != "trainer_stalled"]
        for host, found in by_host.items():
            for sample in found:
                if sample.at.timestamp() > self._watch.seen.get(host, 0.0):
                    self._hear_sample(sample, host, [rule for rule in limited if limit_of(rule).is_per_host or host == newest])
            self._watch.seen[host] = found[-1].at.timestamp()
        for rule in limited:
            self._hear_nothing(rule, by_host if limit_of(rule).is_per_host else [""] * bool(by_host))
        if "service_down" in self._rules:
            self._hear(self._rules["service_down"], self._health(list(by_host)))

    def _hear_sample(self, sample: Sample, host: str, rules: list[Rule]) -> None:
        for rule in rules:
            fitting = self._for_latency(rule, sample) if rule.name == "latency" else rule
            found = measured(fitting, sample, host)
            if found.value is not None or rule.name != "database_slow":  # a probe that did not end is for `service_down`
                self._watch.hear(found, sample.at.timestamp(), self._gap_s)

    def _for_latency(self, rule: Rule, sample: Sample) -> Rule:
        """With the limit that it was raised with, or that the last day gives; a usual latency is only asked for where it matters."""
        value = getattr(sample, limit_of(rule).metric, None)
        raised = next((each.threshold for each in self._standing if each.rule == rule.name), None)
        if raised:
            return with_threshold(rule, raised)
        least = against_baseline(rule, 0.0)
        if value is None or value < limit_of(least).threshold:
            return least
        usual = self._usual(limit_of(rule).metric)
        return against_baseline(rule, float("inf") if usual is None else usual)

    def _usual(self, metric: str) -> float | None:
        """The median of the last day, None where there is too little of it."""
        if self._watch.usual is None or self._now - self._watch.usual[0] > USUAL_KEPT_S:
            points = history_of(self._services).points(metric, self._now - DAY_S, self._now - USUAL_UNTIL_S)
            known = [point.mean for point in points if point.mean is not None]
            self._watch.usual = self._now, median(known) if len(known) >= LEAST_POINTS else None
        return self._watch.usual[1]

    def _health(self, hosts: list[str]) -> Iterator[Finding]:
        for host in hosts:
            found = self._services.samples.latest_with_services(host)
            for each in found[1] if found else ():
                is_down = each.state is HealthState.FAILING and each.figure in NOT_ANSWERING
                message = f"{each.name}: {each.message}" if is_down else f"{each.name} answers again"
                where = "" if host == HOST and len(hosts) == 1 else f" on {host}"
                yield Finding("service_down", f"{each.name} on {host}", is_down, message + where, subject={"host": host})

    def _trainers(self, rule: Rule) -> Iterator[Finding]:
        limit, working = limit_of(rule), set()
        for trainer in self._services.runs.trainers():
            working.add(trainer.run_id)
            silent_s = self._now - trainer.heartbeat_at
            is_silent = limit.is_breached(silent_s)
            name = self._run_words(trainer.run_id) if is_silent or trainer.run_id in self._abouts(rule) else ""
            sentence = f"{name} has given no sign of life for {silent_s:.0f} s" if is_silent else f"{name} gives signs of life again"
            yield Finding(rule.name, trainer.run_id, is_silent, sentence, round(silent_s, 1), limit.threshold, {"run": trainer.run_id})
        for run_id in self._abouts(rule) - working:
            yield Finding(rule.name, run_id, False, f"{self._run_words(run_id)} is over", subject={"run": run_id})

    def _run_words(self, run_id: str) -> str:
        try:
            run = self._services.runs.get(run_id)
        except NotFound:
            return "The training"
        return f"The training of {run.target} on {run.dataset_name}"

    def _runs(self, rule: Rule) -> Iterator[Finding]:
        """The last end of each dataset's trainings decides; who cancels one says nothing about the next."""
        newest: dict[str, Event] = {}
        for event in self._services.log.latest(NEWEST_ENDS, [EventType.TRAINING_COMPLETED]):
            if event.data.get("outcome") != RunState.CANCELLED.value:
                newest.setdefault(event.subject.get("dataset", ""), event)
        for dataset, event in newest.items():
            subject = {"run": event.subject.get("run", ""), "dataset": dataset}
            has_failed = event.data.get("outcome") in _FAILED
            if has_failed and self._now - event.at.timestamp() <= DAY_S:
                yield Finding(rule.name, dataset, True, event.message, subject=subject)
            else:
                over = "A day has passed since the training failed" if has_failed else f"A later one succeeded: {event.message}"
                yield Finding(rule.name, dataset, False, over, subject=subject)
        for dataset in self._abouts(rule) - set(newest):
            yield Finding(rule.name, dataset, False, "Many other trainings have ended since")

    def _drift(self, rule: Rule) -> Iterator[Finding]:
        drift = latest_drift(self._services)
        live = "" if drift is None else drift.model_id
        if drift is not None and (drift.is_enough or live in self._abouts(rule)):
            names = [each.column for each in drift.drifting]
            is_drifting = bool(names) if drift.is_enough else None
            words = f"Version {drift.version} drifts: {drift.words}" if names else f"Version {drift.version} no longer drifts"
            yield Finding(rule.name, live, is_drifting, words, float(len(names)), subject={"model": live})
        for model_id in self._abouts(rule) - {live}:
            yield Finding(rule.name, model_id, False, "This version is no longer live", subject={"model": model_id})

    def _disk(self, rule: Rule) -> Iterator[Finding]:
        """By the most pressing forecast of the storage that proved itself on the past."""
        known = [each for each in forecasts(self._services, self._now) if each.metric.startswith("storage")]
        proved = [each for each in known if each.coverage is not None and each.coverage >= LEAST_COVERAGE]
        if not proved:
            return
        reaches = sorted((each.reach for each in proved if each.reach is not None), key=lambda reach: reach.at)
        left_s = reaches[0].at.timestamp() - self._now if reaches else float("inf")
        is_soon = True if left_s <= SOON.total_seconds() else False if left_s > STILL_SOON.total_seconds() else None
        words = reaches[0].words if is_soon else "The forecast no longer sees a full disk within a day"
        hours = round(left_s / 3600, 2) if reaches else None
        yield Finding(rule.name, HOST, is_soon, words, hours, SOON.total_seconds() / 3600, {"host": HOST})
