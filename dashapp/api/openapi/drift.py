"""The model in production, described."""

from __future__ import annotations

from dashapp.api.openapi.operation import Answer, Operation, plural, ref, text

_DRIFT = {
    "type": "object",
    "properties": {"drift": {"anyOf": [ref("Drift"), {"type": "null"}]}, "words": {"type": "string", "minLength": 1}},
    "required": ["drift", "words"],
    "additionalProperties": False,
}

OPERATIONS = {
    "GET /api/drift": Operation(
        "Live inputs and answers beside the training",
        {200: Answer("The newest window; null before the first, and `words` say why.", schema=_DRIFT)},
        {404: "There is no such model."},
        parameters=(text("model_id", "of which model; the live one where it is left out"),),
    ),
    "GET /api/performance": Operation(
        "How each version does", {200: Answer("Newest first.", schema=plural("versions", "VersionPerformance"))}
    ),
}
