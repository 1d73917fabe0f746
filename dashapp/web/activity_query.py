"""What the Activity page was asked to show: the address holds it, so that it can be reloaded and shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dashapp.application.timeline import SUBJECTS
from dashapp.database.times import iso
from dashapp.events.fact import EventType

PATH = "/activity"
WINDOWS = {
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
}
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class ActivityQuery:
    """`subject` is a kind, a colon and an id; `window` a key of `WINDOWS`; `day` the newest day, as ISO 8601 writes it and as the reader's
    clock counts it; `before` the id below which to begin."""

    types: tuple[EventType, ...] = ()
    text: str = ""
    subject: str = ""
    window: str = ""
    day: str = ""
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return replace(self, before=None, day="") != ActivityQuery()

    @property
    def is_newest(self) -> bool:
        """Whether what happens now belongs on top of it."""
        return self.before is None and not self.day

    def address(self, path: str) -> str:
        named = {
            "type": ",".join(each.value for each in self.types),
            "text": self.text,
            "subject": self.subject,
            "window": self.window,
            "day": self.day,
            "before": self.before,
        }
        query = urlencode({name: value for name, value in named.items() if value not in ("", None)})
        return f"{path}?{query}" if query else path

    def for_browser(self, now: datetime, last_id: int) -> dict[str, Any]:
        """What `assets/pages-activity.js` asks the API for; `last_id` is that of the log, so that live events go on from there."""
        return {
            "types": [each.value for each in self.types],
            "text": self.text,
            "subject": self.subject,
            "since": iso(now - WINDOWS[self.window][1]) if self.window else "",
            "day": self.day,
            "before": self.before,
            "isLive": self.is_newest,
            "isNarrowed": self.is_narrowed,
            "lastId": last_id,
        }


def query_of(
    type: str = "", text: str = "", subject: str = "", window: str = "", day: str = "", before: str = "", **_: str
) -> ActivityQuery:
    """What the parts of an address ask for; what makes no sense asks for nothing."""
    known = {each.value: each for each in EventType}
    kind, _colon, name = subject.partition(":")
    return ActivityQuery(
        types=tuple(dict.fromkeys(known[each] for each in type.split(",") if each in known)),
        text=text.strip()[:LONGEST_TEXT],
        subject=subject if kind in SUBJECTS and 0 < len(name) <= LONGEST_TEXT else "",
        window=window if window in WINDOWS else "",
        day=_day(day),
        before=int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None,
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
