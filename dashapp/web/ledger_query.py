"""What the Predictions page was asked to show: the address holds it, so that it can be reloaded and shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from dashapp.serving.ledger.kept import Search

PAGE_SIZE = 50
WINDOWS = {
    "15min": ("Last 15 minutes", timedelta(minutes=15)),
    "1h": ("Last hour", timedelta(hours=1)),
    "24h": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
}


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """`window` is a key of `WINDOWS`, "" any time; `before` the number below which a page of older predictions starts."""

    text: str = ""
    version: int | None = None
    prediction: str = ""
    warnings: bool = False
    actual: bool = False
    window: str = ""
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return replace(self, before=None) != LedgerQuery()

    @property
    def is_newest(self) -> bool:
        return self.before is None

    def search(self, now: datetime) -> Search:
        since = now - WINDOWS[self.window][1] if self.window else None
        return Search(
            self.text, self.version, self.prediction, self.warnings, self.actual, since=since, before=self.before, limit=PAGE_SIZE
        )

    def address(self, path: str) -> str:
        named = {
            "text": self.text,
            "version": self.version,
            "prediction": self.prediction,
            "warnings": 1 if self.warnings else "",
            "actual": 1 if self.actual else "",
            "window": self.window,
            "before": self.before,
        }
        query = urlencode({name: value for name, value in named.items() if value not in ("", None)})
        return f"{path}?{query}" if query else path


def query_of(
    text: str = "",
    version: str = "",
    prediction: str = "",
    warnings: str = "",
    actual: str = "",
    window: str = "",
    before: str = "",
    **_: str,
) -> LedgerQuery:
    """What the parts of an address ask for; what makes no sense asks for nothing."""
    return LedgerQuery(
        text, _number(version), prediction, bool(warnings), bool(actual), window if window in WINDOWS else "", _number(before)
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
