"""The words in which an alert is sent out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from dashapp.monitoring.alert_causes import span_in_words
from dashapp.monitoring.alert_outbox import Due
from dashapp.monitoring.alert_watch import Action
from dashapp.monitoring.told import Alert, Severity
from dashapp.settings import Settings

LONGEST_TITLE, LONGEST_LINE = 200, 1000
_KINDS = {Severity.WARNING: "warning", Severity.CRITICAL: "failure"}


@dataclass(frozen=True, slots=True)
class Message:
    """`kind` as Apprise has it: warning, failure or success."""

    title: str
    body: str
    kind: str


def message_of(alert: Alert, due: Due, address: str) -> Message:
    """What is told: that it was raised, that it is over, or both at once where the first could not be told in time."""
    is_over = due.is_over or due.action is Action.RESOLVED
    heading = "Over" if is_over else alert.severity.value.capitalize()
    title = _line(f"{heading}: {alert.message}", LONGEST_TITLE)
    lines = [_sentence(alert.message)] if due.action is Action.RAISED else []
    if is_over:
        lines += [_sentence(alert.resolved_message or "It is over"), _lasted(alert)]
    else:
        lines.append(f"Since {_moment(alert.raised_at)}.")
    if alert.cause is not None and due.action is Action.RAISED:
        lines += [f"Probable cause: {_sentence(alert.cause.words)}", *(f"- {_line(each)}" for each in alert.cause.evidence)]
    return Message(title, "\n".join([*lines, f"{address}{alert.id}"]), "success" if is_over else _KINDS[alert.severity])


def address_of_alerts(settings: Settings) -> str:
    """Where people see an alert, to which its id is added."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{settings.public_url or f'http://{host}:{settings.port}'}{settings.url_prefix}/monitor?alert="


def _lasted(alert: Alert) -> str:
    ended = alert.resolved_at or alert.raised_at
    lasted = span_in_words((ended - alert.raised_at).total_seconds())
    return f"It lasted {lasted}, from {_moment(alert.raised_at)} to {_moment(ended)}."


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _sentence(words: str) -> str:
    line = _line(words)
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def _line(words: str, most: int = LONGEST_LINE) -> str:
    """On one line: names of files and columns are a stranger's."""
    line = " ".join(words.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
