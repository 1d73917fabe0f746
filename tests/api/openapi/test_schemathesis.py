"""Requests that schemathesis makes of the document, good and bad: the answers are as it says, and never a 5xx."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from dashapp.api.openapi.document import OPERATIONS
from dashapp.settings import ROOT

FEW = settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def api(live_server: Flask) -> Any:
    config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
    return schemathesis.openapi.from_wsgi("/openapi.json", live_server, config=config)


GOOD = [(key, GenerationMode.POSITIVE) for key in OPERATIONS]
BAD = [(key, GenerationMode.NEGATIVE) for key, each in OPERATIONS.items() if each.parameters or each.body]


@pytest.mark.parametrize(("key", "mode"), GOOD + BAD)
def test_nothing_is_found(api: Any, key: str, mode: GenerationMode) -> None:
    method, path = key.split(" ")

    @FEW
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate()

    check()
