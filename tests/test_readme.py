"""The README tells the truth: its tables are held against the code."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields

from flask import Flask

from dashapp.events.fact import EventType
from dashapp.factory import create_app
from dashapp.settings import ROOT, Settings

README = (ROOT / "README.md").read_text()


def table(heading: str) -> dict[str, list[str]]:
    """The rows of a section's table by what stands in backquotes in their first cell."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip().strip("`"): [cell.strip() for cell in row[1:]] for row in rows}


def test_every_setting_stands_in_the_readme_with_its_default_and_meaning() -> None:
    expected = {}
    for each in fields(Settings):
        assert each.default is not MISSING
        default = str(each.default).replace(f"{ROOT}/", "")
        expected[f"DASHAPP_{each.name.upper()}"] = [f"`{default}`" if default else "none", each.metadata["doc"]]
    assert table("Settings") == expected


def test_every_route_stands_in_the_readme(settings: Settings) -> None:
    server: Flask = create_app(settings).server
    rules = {
        f"{method} {rule.rule.rstrip('/')}"
        for rule in server.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api", "/health", "/metrics", "/openapi", "/v2", "/ping", "/version", "/invocations"))
        and "/versions/" not in rule.rule  # the same, for one version
        and not rule.endpoint.endswith(("not_built", "nothing_here", "refused_change", "refused_statistics"))
    }
    server.extensions["dashapp"].services.close()
    assert set(table("Routes")) == rules | {"WS /ws"}


def test_every_event_stands_in_the_readme() -> None:
    assert set(table("Events")) == {each.value for each in EventType}


def test_the_two_commands_stand_in_the_readme_and_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in ("run", "test"):
        assert f"make {command}" in README
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)
