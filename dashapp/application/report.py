"""The report of a week, or of any timeframe: one HTML file that opens anywhere.

`templates/report.html` is its template; autoescape is on, so that nothing of a user's text is ever taken for HTML.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from dashapp.application.report_sections import Period, sections
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest, NotFound
from dashapp.events.fact import EventSearch

REPORT_TIMEFRAMES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MOST_KEPT = 104
_NAME = re.compile(r"\d{4}-W\d{2}\.html")


def report_html(services: Services, timeframe: str = "7d", now: float | None = None) -> str:
    """Raises `InvalidRequest` for a timeframe that does not exist."""
    if timeframe not in REPORT_TIMEFRAMES:
        known = list(REPORT_TIMEFRAMES)
        message = f"There is no report of {timeframe!r}; choose one of {', '.join(known)}."
        raise InvalidRequest(message, field="timeframe", got=timeframe, expected=known)
    end = datetime.fromtimestamp(time.time() if now is None else now, UTC)
    return _html(services, Period(end - REPORT_TIMEFRAMES[timeframe], end, timeframe), end)


def kept_reports(services: Services) -> list[str]:
    """The file names of the weekly reports in `home/reports`, newest first."""
    directory = _directory(services)
    names = [file.name for file in directory.iterdir()] if directory.is_dir() else []
    return sorted(filter(_NAME.fullmatch, names), reverse=True)


def kept_report(services: Services, name: str) -> str:
    """Raises `NotFound` for a name that is not in the list."""
    if name not in kept_reports(services):
        raise NotFound(f"There is no report {name[:80]}.")
    return (_directory(services) / name).read_text(encoding="utf-8")


def keep_weekly_report(services: Services, now: float) -> None:
    """Write the report of the week that ended last, once. Weeks are those of ISO 8601, in UTC; one in which nothing happened has none."""
    made_at = datetime.fromtimestamp(now, UTC)
    today = made_at.replace(hour=0, minute=0, second=0, microsecond=0)
    end = today - timedelta(days=today.weekday())
    period = Period(end - timedelta(days=7), end - timedelta(milliseconds=1), "7d")
    year, week, _ = period.start.isocalendar()
    directory = _directory(services)
    file = directory / f"{year}-W{week:02d}.html"
    if file.exists() or not services.log.search(EventSearch(since=period.start, until=period.end, limit=1)).events:
        return
    directory.mkdir(mode=0o700, exist_ok=True)
    with NamedTemporaryFile("w", dir=directory, encoding="utf-8", delete=False) as new:
        new.write(_html(services, period, made_at))
    Path(new.name).replace(file)
    for name in kept_reports(services)[MOST_KEPT:]:
        (directory / name).unlink(missing_ok=True)


def _directory(services: Services) -> Path:
    return services.settings.home / "reports"


def _html(services: Services, period: Period, made_at: datetime) -> str:
    return _template().render(sections=sections(services, period), period=period.in_words, made_at=f"{made_at:%Y-%m-%d %H:%M} UTC")


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=loader).get_template(
        "report.html"
    )
