"""The log and the reports, described."""

from __future__ import annotations

from typing import Any

from dashapp.api.openapi.operation import HTML, Answer, Operation, Parameter, plural, text, whole_number
from dashapp.application.report import REPORT_TIMEFRAMES
from dashapp.application.timeline import SUBJECTS
from dashapp.events.fact import EventType

_EVENT_TYPES = {"type": "array", "items": {"enum": [each.value for each in EventType]}}
_TIME = {"type": "string", "format": "date-time"}
_PLACE = {"type": ["integer", "null"]}
_BEFORE: dict[str, Any] = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**62}, {"enum": ["newest", ""]}]}
_PAGE = {HTML: {"type": "string"}}
_NAMES = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}

OPERATIONS = {
    "GET /api/events": Operation(
        "The log",
        {
            200: Answer(
                "Oldest first, or newest first with `before`; `total` counts all of these types. A page may be short where much had to be "
                "looked at: `next_after` or `next_before` goes on until it is null.",
                schema=plural("events", "Event", next_before=_PLACE, next_after=_PLACE),
            )
        },
        parameters=(
            whole_number("after", "the id after which to begin", 0, 2**62, 0),
            Parameter("before", "the id below which to begin, newest first; `newest` begins at the end of the log", _BEFORE),
            Parameter("type", "only these types", _EVENT_TYPES, is_list=True),
            text("text", "looked for in the message and in the ids, without case"),
            Parameter("subject", "what it is about", {"type": "string", "pattern": f"^(({'|'.join(SUBJECTS)}):.+)?$"}),
            Parameter("since", "from this time on", _TIME),
            Parameter("until", "up to this time", _TIME),
            Parameter("merged", "newest first, with the facts about predictions merged by the minute", {"enum": ["true", "false", ""]}),
            whole_number("limit", "events at most", 1, 5000, 500),
        ),
    ),
    "GET /api/report": Operation(
        "A report of what happened",
        {200: Answer("A page that needs nothing else.", content=_PAGE)},
        parameters=(Parameter("timeframe", "how far back", {"enum": list(REPORT_TIMEFRAMES), "default": "7d"}),),
    ),
    "GET /api/reports": Operation(
        "The weekly reports that are kept",
        {
            200: Answer(
                "Newest first.",
                schema={
                    "type": "object",
                    "properties": {"reports": {"type": "array", "items": _NAMES}, "total": {"type": "integer", "minimum": 0}},
                    "required": ["reports", "total"],
                    "additionalProperties": False,
                },
            )
        },
    ),
    "GET /api/reports/{name}": Operation(
        "One of them", {200: Answer("A page that needs nothing else.", content=_PAGE)}, {404: "It is not kept."}
    ),
}
