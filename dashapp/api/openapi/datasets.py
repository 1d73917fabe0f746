"""`/api/datasets`, described."""

from __future__ import annotations

from typing import Any

from dashapp.api.openapi.operation import CSV, HTML, Answer, Body, Operation, plural, ref, text, whole_number
from dashapp.datasets.dataset import ReadAs

NONE = {404: "There is no such dataset."}
NOT_READY = {409: "It is still being read, could not be read, or a run works on it."}

_TABLE = {
    "type": "string",
    "description": "A table with a header, at least two columns and at least one row. The separator, the quote, the encoding and lines "
    "above the header are found out.",
    "examples": ["sepal_length,species\n5.1,setosa\n7.0,versicolor\n6.3,virginica\n"],
}


def _nullable(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


_COLUMN_CHANGE = {
    "type": ["object", "null"],
    "properties": {
        "kind": {"enum": [*(each.value for each in ReadAs), None]},
        "missing": _nullable("array", items={"type": "string"}),
        "keep": _nullable("array", items={"type": "string"}),
        "decimal": {"enum": [",", ".", None]},
        "day_first": _nullable("boolean"),
        "merge": _nullable("boolean"),
        "use": _nullable("boolean"),
    },
    "additionalProperties": False,
}

SCHEMAS = {
    "ReadingChange": {
        "description": "A JSON merge patch (RFC 7396) of `reading`; null takes a decision back, so that it is found out again.",
        "type": "object",
        "properties": {
            "encoding": _nullable("string", examples=["cp1252"]),
            "delimiter": _nullable("string", pattern=r"^[,;|\t :~^]{1,8}$", examples=[";"]),
            "quote": _nullable("string", pattern=r"^[!#-&(-/]?$|^[\"']$", examples=['"']),
            "has_header": _nullable("boolean"),
            "skipped_lines": _nullable("integer", minimum=0, maximum=10_000),
            "drop_duplicates": _nullable("boolean"),
            "columns": _nullable("object", additionalProperties=_COLUMN_CHANGE),
        },
        "additionalProperties": False,
    }
}

_FORM = {"type": "object", "properties": {"file": {**_TABLE, "contentMediaType": CSV}}, "required": ["file"]}
_ROW = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}

OPERATIONS = {
    "POST /api/datasets": Operation(
        "Upload a CSV file",
        {
            200: Answer("The same bytes were uploaded before.", "Dataset"),
            201: Answer("Read and kept.", "Dataset"),
            202: Answer(
                "Kept; it is so large that it is read in the background. GET it until its `state` is `ready` or `failed`.", "Dataset"
            ),
        },
        {
            413: "The file is larger than `DASHAPP_MAX_UPLOAD_BYTES`.",
            422: "The file is not a table that can be read.",
            507: "The disk is full.",
        },
        "The body is streamed to disk, whatever its Content-Type says.",
        (text("name", "the file's name, for people"),),
        Body({CSV: _TABLE, "multipart/form-data": _FORM}),
    ),
    "GET /api/datasets": Operation("All datasets", {200: Answer("Newest first.", schema=plural("datasets", "Dataset"))}),
    "GET /api/datasets/{dataset_id}": Operation("One dataset", {200: Answer("With what is known of its columns.", "Dataset")}, NONE),
    "PATCH /api/datasets/{dataset_id}": Operation(
        "Decide how it is read",
        {200: Answer("Read again as decided.", "Dataset")},
        {**NONE, **NOT_READY, 422: "Read this way it is no table."},
        body=Body({"application/json": ref("ReadingChange")}, is_required=False),
    ),
    "DELETE /api/datasets/{dataset_id}": Operation(
        "Delete a dataset", {204: Answer("Gone, and its disk space is free.")}, {**NONE, 409: "A run works on it."}
    ),
    "GET /api/datasets/{dataset_id}/report": Operation(
        "Its data quality report",
        {200: Answer("A page that needs nothing else.", content={HTML: {"type": "string"}})},
        {**NONE, **NOT_READY},
    ),
    "GET /api/datasets/{dataset_id}/rows": Operation(
        "Some of its rows",
        {
            200: Answer(
                "As they were read; `total` counts all.",
                schema={
                    "type": "object",
                    "properties": {"rows": {"type": "array", "items": _ROW}, "total": {"type": "integer"}},
                    "required": ["rows", "total"],
                    "additionalProperties": False,
                },
            )
        },
        {**NONE, **NOT_READY},
        parameters=(whole_number("offset", "rows to leave out", 0, 2**62, 0), whole_number("limit", "rows at most", 1, 1000, 50)),
    ),
}
