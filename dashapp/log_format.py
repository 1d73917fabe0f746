"""How the log is written: as text, or as one JSON object a line for machines.

Law: imports nothing of the project. Nothing here runs before something is logged.
"""

from __future__ import annotations

import logging
import logging.config
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

FORMATS = ("text", "json")


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `message`; `request_id` of a line that belongs to a request, `exception` as one text."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": at, "level": record.levelname, "logger": record.name, "message": _message(record)}
        request_id = getattr(record, "request_id", None)
        if request_id is not None:
            line["request_id"] = str(request_id)
        if record.exc_info or record.exc_text:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]  # one of the two is there
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return orjson.dumps({name: _sound(text) for name, text in line.items()}).decode()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # what was given does not fit the sentence; to lose both would be worse
        return f"{record.msg} {record.args}"


def _sound(text: str) -> str:
    """A half of a surrogate pair cannot be written."""
    return text.encode("utf-8", "replace").decode()


def logging_config(filters: Sequence[str] = ()) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything from warnings on, and what the project and gunicorn inform of, goes to the standard
    error as JSON. `filters` names callables that make a filter each."""
    names = [f"filter {number}" for number in range(len(filters))]
    handler = {"class": "logging.StreamHandler", "formatter": "json", "filters": names, "stream": "ext://sys.stderr"}
    informing = {"level": "INFO", "handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "filters": {name: {"()": each} for name, each in zip(names, filters, strict=True)},
        "handlers": {"stderr": handler},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"dashapp": informing, "gunicorn.error": informing},
    }


def configure_logs(log_format: str, filters: Sequence[str] = ()) -> None:
    """Once, at the start of a process that is not gunicorn's; text is as Python and the libraries write it."""
    if log_format == "json":
        logging.config.dictConfig(logging_config(filters))
        logging.captureWarnings(True)
