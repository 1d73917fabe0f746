"""The log as JSON: one object a line, whatever is logged."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from dashapp.errors import InvalidSetting
from dashapp.log_format import JsonLines
from dashapp.settings import Settings

PROGRAM = """
import logging
from dashapp.log_format import configure_logs
configure_logs("json", ["dashapp.api.request_id.WithRequestId"])
logging.getLogger("dashapp.monitoring").info("told\\nin two lines")
logging.getLogger("somewhere").info("not told")
try:
    raise ValueError("on purpose")
except ValueError:
    logging.getLogger("gunicorn.error").exception("%s failed", "it")
import warnings
warnings.warn("careful")
"""


def line(message: str, *args: object, **extra: object) -> dict[str, str]:
    record = logging.LogRecord("dashapp.x", logging.ERROR, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_a_line_says_when_how_grave_where_and_what() -> None:
    found = line("%s rows", 5, created=0.0)
    assert found == {"time": "1970-01-01T00:00:00.000Z", "level": "ERROR", "logger": "dashapp.x", "message": "5 rows"}
    assert line("x", request_id="r-1")["request_id"] == "r-1"
    assert "request_id" not in line("x", request_id=None)


@pytest.mark.parametrize("message", ['"quoted"', "a\nb", "\ud800", "שלום 😀", "\x00"])
def test_any_message_is_one_line_of_json(message: str) -> None:
    assert line("%s", message)["message"] == message.encode("utf-8", "replace").decode()


def test_arguments_that_do_not_fit_are_written_all_the_same() -> None:
    assert "rows" in line("%d rows", "five")["message"]


def test_a_process_writes_json_with_its_exceptions() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = [json.loads(each) for each in ended.stderr.splitlines()]
    assert [each["message"] for each in lines[:2]] == ["told\nin two lines", "it failed"]
    assert lines[1]["exception"].endswith("ValueError: on purpose") and lines[1]["logger"] == "gunicorn.error"
    assert "careful" in lines[2]["message"] and len(lines) == 3


def test_there_are_two_formats() -> None:
    assert Settings.from_environment({"DASHAPP_LOG_FORMAT": "json"}).log_format == "json"
    with pytest.raises(InvalidSetting, match="DASHAPP_LOG_FORMAT"):
        Settings.from_environment({"DASHAPP_LOG_FORMAT": "xml"})
