"""The API page: the form, and the code samples, which are run as they are pasted."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st

from dashapp.application.services import Services
from dashapp.serving.schema import example_row
from dashapp.settings import Settings
from dashapp.web.pages import try_it
from dashapp.web.samples import curl_sample, python_sample
from dashapp.web.try_view import form_columns, form_fields, input_text
from tests.web.pages_values import INPUTS, NASTY, a_model, ids_in, links_in, text_of

URL = "http://127.0.0.1:8050/ml/api/predict"


def controls(tree: Component) -> dict[str, Any]:
    return {each.id: each for each in tree._traverse() if str(getattr(each, "id", "")).startswith("try-field")}


def test_nothing_deployed_is_said_with_the_way_on(services: Services) -> None:
    page = try_it.layout(services)
    assert "No model is deployed" in text_of(page)
    assert "/models" in links_in(page)


def test_the_form_has_the_right_control_for_each_kind() -> None:
    age, city, since, active, number = controls(form_fields(INPUTS)).values()
    assert (age.type, age.value, age.min, age.max) == ("number", "41", 0, 99)
    assert [(each["label"], each["value"]) for each in city.options] == [("Paris", "0"), (NASTY, "1"), ("(missing)", "none")]
    assert city.value == "0"
    assert (since.type, since.value) == ("date", "2026-01-31")
    assert active.options[int(active.value)]["label"] == "yes"
    assert (number.value, number.step) == ("0.25", "any")


def test_every_control_has_a_label() -> None:
    tree = form_fields(INPUTS)
    labelled = [each.htmlFor for each in tree._traverse() if type(each).__name__ == "Label"]
    assert labelled == list(controls(tree))


def test_the_browser_knows_numbers_and_labels() -> None:
    assert [each["isNumber"] for each in form_columns(INPUTS)] == [True, False, False, False, True]
    assert form_columns(INPUTS)[3]["labels"] == ["yes", "no"]
    assert input_text(INPUTS[0]) == "41"


@pytest.mark.parametrize(("token", "is_there"), [("", False), ("secret-token", True)])
def test_a_token_is_asked_for_but_never_shown(token: str, is_there: bool) -> None:
    page = repr(try_it.render_try(a_model(1), Settings(token=token)))
    assert ("Authorization" in page) is is_there
    assert "secret-token" not in page


def test_ids_are_not_given_twice() -> None:
    ids = ids_in(try_it.render_try(a_model(1), Settings()))
    assert len(ids) == len(set(ids))


values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8"))
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=4))
def test_python_sample_holds_the_row_unchanged(row: dict[str, Any]) -> None:
    tree = ast.parse(python_sample(URL, row, needs_token=True))
    assigned = next(node for node in tree.body if isinstance(node, ast.Assign))
    assert ast.literal_eval(assigned.value) == row


@pytest.fixture
def listener() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that keeps what it is sent, and its URL."""
    heard: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append({"path": self.path, "body": json.loads(body), "headers": dict(self.headers)})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"predictions": []}')

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ml/api/predict", heard
    server.shutdown()
    thread.join()
    server.server_close()


ROW = {**example_row(INPUTS), "it's": 'a "quote" `tick` $HOME \\ !! \n \u202e end', "none": None, "yes": True}


def test_curl_sample_works_when_pasted(listener: tuple[str, list[dict[str, Any]]]) -> None:
    url, heard = listener
    subprocess.run(
        ["bash", "-c", curl_sample(url, ROW, needs_token=True)], check=True, env={"PATH": "/usr/bin:/bin", "DASHAPP_TOKEN": "a token"}
    )
    assert heard[0]["body"] == {"rows": [ROW]}
    assert heard[0]["path"] == "/ml/api/predict"
    assert heard[0]["headers"]["Authorization"] == "Bearer a token"


def test_python_sample_works_when_pasted(listener: tuple[str, list[dict[str, Any]]]) -> None:
    url, heard = listener
    subprocess.run([sys.executable, "-c", python_sample(url, ROW, needs_token=False)], check=True)
    assert heard[0]["body"] == {"rows": [ROW]}
    assert "Authorization" not in heard[0]["headers"]
