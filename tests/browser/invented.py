"""The real server, whose Monitor page is told invented forecasts, drift, versions and history, and alerts that stand in the log.

What the page shows is then known beforehand: `python -m tests.browser.invented` takes the settings of `app.py`. An alert is a
`system_alert` fact of the log, raised and not resolved; to acknowledge or mute it is a `user_action` fact, as the product tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dashapp.application.services import Services
from dashapp.errors import NotFound
from dashapp.events.fact import Event, EventType, Fact
from dashapp.factory import create_app, serve
from dashapp.monitoring import snapshot
from dashapp.monitoring.told import Alert, Mute, Severity
from dashapp.web import alerting
from dashapp.web.pages import monitor
from tests.web import told_values as told

TYPES = (EventType.SYSTEM_ALERT, EventType.USER_ACTION)


def facts(services: Services) -> list[Event]:
    return list(reversed(services.log.latest(500, types=list(TYPES))))


def known_alerts(services: Services) -> list[Alert]:
    """Of the log, newest first."""
    found: dict[str, Alert] = {}
    for event in facts(services):
        data = event.data
        id = str(data.get("alert") or event.subject.get("alert"))
        if data.get("action") == "raised" and event.type is EventType.SYSTEM_ALERT and data.get("alert"):
            severity = Severity(data["severity"])
            found[id] = told.an_alert(id=id, rule=data["rule"], severity=severity, message=event.message, raised_at=event.at)
        elif data.get("action") == "resolved" and id in found:
            found[id] = replace(found[id], resolved_at=event.at, resolved_message=event.message)
        elif data.get("action") == "alert_acknowledged" and id in found:
            found[id] = replace(found[id], acknowledged_at=event.at, acknowledged_by=str(data.get("by", "")))
    return list(reversed(found.values()))


def alerts(services: Services, *, is_standing: bool | None = None, before: int | None = None, limit: int = 50) -> list[Alert]:
    return [each for each in known_alerts(services) if is_standing is None or each.is_standing is is_standing][:limit]


def count_alerts(services: Services, *, is_standing: bool | None = None) -> int:
    return len(alerts(services, is_standing=is_standing, limit=500))


def acknowledge(services: Services, alert_id: str, by: str = "") -> Alert:
    alert = next((each for each in known_alerts(services) if each.id == alert_id), None)
    if alert is None:
        raise NotFound("There is no such alert.")
    _tell(services, f"{by} sees to it", {"action": "alert_acknowledged", "by": by}, {"alert": alert_id})
    return alert


def mute(services: Services, rule: str, seconds: float, by: str = "") -> Mute:
    _tell(services, f"{rule} is muted", {"action": "alerts_muted", "rule": rule, "seconds": seconds})
    return mutes(services)[-1]


def unmute(services: Services, rule: str) -> None:
    _tell(services, f"{rule} is told again", {"action": "alerts_unmuted", "rule": rule})


def mutes(services: Services) -> Sequence[Mute]:
    found: dict[str, Mute] = {}
    for event in facts(services):
        if event.data.get("action") == "alerts_muted":
            found[event.data["rule"]] = Mute(event.data["rule"], event.at + timedelta(seconds=event.data["seconds"]))
        elif event.data.get("action") == "alerts_unmuted":
            found.pop(event.data["rule"], None)
    return list(found.values())


def _tell(services: Services, message: str, data: dict[str, Any], subject: dict[str, str] | None = None) -> None:
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.USER_ACTION, message, subject or {}, data))


def invent() -> None:
    """Put the invented in the place of what the pages call."""
    for each in (alerts, count_alerts, acknowledge, mute, unmute, mutes):
        setattr(alerting, each.__name__, each)
    now = told.now_to_the_second()
    day = timedelta(days=1)
    names = ["tenure", "city", "plan", "calls", "اسم العميل", "x" * 120, "signup", "region", "device", "age"]
    columns = (*(told.calm_column(name) for name in names[:-1]), told.a_column("age"))
    waiting = told.a_forecast(now, metric="error_rate", points=(), reach=None, words="Error rate: too little history for a forecast yet.")
    rising = told.a_forecast(now, metric="memory_usage", reach=None, coverage=None, words="Memory stays between 38 and 47 % for a day.")
    marks = [
        told.a_marker(now - timedelta(minutes=44)),
        told.a_marker(now - timedelta(minutes=30), "deployment", "Version 3 is in use", None),
        told.a_marker(now - timedelta(minutes=9), "alert", "Memory in use: 93.4 % (limit 90 %)"),
    ]
    invented: dict[str, Any] = {
        "history_of": lambda _services: told.InventedHistory(),
        "forecasts": lambda _services, _now=None: (told.a_forecast(now), rising, waiting),
        "anomalies": lambda _services, _timeframe, _now=None: (told.an_anomaly(now - timedelta(minutes=45)),),
        "advice": lambda _services, _now=None: (told.an_advice(), told.an_advice(code="batch", words="Send rows together.", setting="")),
        "milestones": lambda _services: (told.a_milestone(now), told.a_milestone(now - day, message="The 10,000th prediction was made.")),
        "latest_drift": lambda _services: told.a_drift(now, columns=columns),
        "performance_by_version": lambda _services: (
            told.a_version(3, is_live=True, score=told.a_score()),
            told.a_version(2, warnings_rate=None),
        ),
        "markers": lambda _services, _start, _end: marks,
        "kept_reports": lambda _services: ["2026-W47.html", "2026-W46.html"],
    }
    for name, stand_in in invented.items():
        setattr(monitor, name, stand_in)
    _invent_processes()


def _invent_processes() -> None:
    """The fields that the snapshot has beside the metrics."""
    document = snapshot._document
    processes = [
        {"role": "web worker", "name": "worker 1", "pid": 4101, "run": None, "cpu": 3.2, "memory_bytes": 212e6, "threads": 14, "files": 31},
        {
            "role": "trainer",
            "name": "churn.csv",
            "pid": 4177,
            "run": "run1",
            "cpu": 187.5,
            "memory_bytes": 6.1e9,
            "threads": 9,
            "files": 18,
        },
    ]

    def with_processes(*given: Any) -> dict[str, Any]:
        return {**document(*given), "processes": processes, "cores": [12.5, 88.0]}

    snapshot._document = with_processes


if __name__ == "__main__":
    invent()
    serve(create_app())
