"""`/api/events`"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from dashapp.api.body import moment, whole_number
from dashapp.application.documents import found_events_document
from dashapp.application.services import Services
from dashapp.application.timeline import SUBJECTS, search_events, search_merged
from dashapp.errors import InvalidRequest
from dashapp.events.fact import EventSearch, EventType

NEWEST = "newest"
FLAGS = {"": False, "true": True, "false": False}
MOST = 5_000
LONGEST_TEXT = 500
_LARGEST = 2**62


def events_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("events", __name__)

    @routes.get("/events")
    def listed() -> dict[str, Any]:
        search = _search()
        find = search_merged if _flag("merged") and search.newest_first else search_events
        return found_events_document(search, find(services, search), services.log.count(search.types))

    return routes


def _search() -> EventSearch:
    before = request.args.get("before")
    return EventSearch(
        types=_types(),
        text=_text(),
        subject=_subject(),
        since=moment("since"),
        until=moment("until"),
        after=whole_number("after", 0, 0, _LARGEST),
        before=None if before in (None, "", NEWEST) else whole_number("before", 0, 0, _LARGEST),
        newest_first=bool(before) and not request.args.get("after"),
        limit=whole_number("limit", 500, 1, MOST),
    )


def _types() -> tuple[EventType, ...]:
    try:
        return tuple(dict.fromkeys(EventType(name) for name in request.args.getlist("type") if name))
    except ValueError as error:
        raise InvalidRequest(f"{error}.", field="type", expected=[each.value for each in EventType]) from error


def _text() -> str:
    text = request.args.get("text", "").strip()
    if len(text) > LONGEST_TEXT:
        raise InvalidRequest(f"text has {len(text):,} characters; send {LONGEST_TEXT} at most.", field="text")
    return text


def _subject() -> tuple[str, str] | None:
    text = request.args.get("subject", "")
    kind, _, name = text.partition(":")
    if text and (kind not in SUBJECTS or not name or len(name) > LONGEST_TEXT):
        expected = [f"{each}:<id>" for each in SUBJECTS]
        raise InvalidRequest(
            f"subject must be one of {', '.join(SUBJECTS)}, a colon and an id.", field="subject", got=text, expected=expected
        )
    return (kind, name) if text else None


def _flag(name: str) -> bool:
    text = request.args.get(name, "")
    if text not in FLAGS:
        raise InvalidRequest(f"{name} must be true or false.", field=name, got=text)
    return FLAGS[text]
