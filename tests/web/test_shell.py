"""The shell without a browser: the choice of pages, the HTML frame, the feed, two apps in one process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashapp.application.services import Services, open_services
from dashapp.events.fact import Event, EventType, Fact
from dashapp.settings import ROOT, Settings
from dashapp.web import figures, shell, words
from dashapp.web.components import activity_feed
from dashapp.web.pages import train

ASSETS = ROOT / "assets"


def build(services: Services) -> Dash:
    prefix = services.settings.url_prefix
    app = Dash("dashapp", assets_folder=str(ASSETS), url_base_pathname=f"{prefix}/", use_pages=False)
    shell.create_shell(app, services, [train])
    return app


def as_text(component: Any) -> str:
    return json.dumps(
        component.to_plotly_json(), default=lambda each: each.to_plotly_json() if hasattr(each, "to_plotly_json") else str(each)
    )


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Services]:
    opened = open_services(Settings(home=tmp_path / "other", cache=tmp_path / "other-cache"))
    yield opened
    opened.close()


def test_the_frame_names_its_language_and_holds_no_inline_script(services: Services) -> None:
    html = build(services).server.test_client().get("/").get_data(as_text=True)
    assert '<html lang="en">' in html
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", html)
    assert [attributes.strip() for attributes in inline] == [
        'id="_dash-config" type="application/json"',
        'id="_dash-renderer" type="application/javascript"',
    ]
    assert "<style" not in html
    assert "style=" not in html


def test_nothing_is_fetched_from_elsewhere(services: Services) -> None:
    html = build(services).server.test_client().get("/").get_data(as_text=True)
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert links
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    assert any("plotly-basic.min.js" in link for link in links)


def test_the_theme_is_loaded_once_and_first(services: Services) -> None:
    html = build(services).server.test_client().get("/").get_data(as_text=True)
    assert html.count("theme.js") == 1
    assert html.index("theme.js") < html.index("bootstrap.min.css") < html.index("tokens.css") < html.index("parts.css")


def test_every_function_that_runs_in_the_browser_is_in_a_file(services: Services) -> None:
    source = "".join(path.read_text() for path in ASSETS.glob("*.js"))
    build(services)
    for callback in build(services).server.test_client().get("/_dash-dependencies").get_json():
        function = callback["clientside_function"]
        if function is not None:
            assert f'dashapp.clientside("{function["namespace"]}"' in source
            assert re.search(rf"^    {function['function_name']}\(", source, re.MULTILINE)


def test_an_address_chooses_its_page(services: Services) -> None:
    page, title = shell.render_page(services, [train], "/", "")
    assert title == "Train"
    assert "drop-zone" in as_text(page)


def test_an_unknown_address_says_so(services: Services) -> None:
    page, title = shell.render_page(services, [train], "/nowhere", "")
    assert title == "Not found"
    assert "There is no page at /nowhere." in as_text(page)


def test_what_a_page_does_not_find_is_not_found(services: Services) -> None:
    page, title = shell.render_page(services, [train], "/", "?dataset=none")
    assert title == "Not found"
    assert "There is no dataset none." in as_text(page)


@pytest.mark.parametrize("search", ["?services=1", "?a b=1&=&&", "?dataset=%00", "?__class__=1"])
def test_any_query_gives_a_page(services: Services, search: str) -> None:
    assert shell.render_page(services, [train], "/", search)[0] is not None


def test_parts_of_the_path_reach_the_page() -> None:
    assert shell._match("/models/<model_id>", "/models/a%20b") == {"model_id": "a b"}
    assert shell._match("/models/<model_id>", "/models") is None
    assert shell._match("/models", "/models/x") is None


def test_links_stand_under_the_prefix(tmp_path: Path) -> None:
    services = open_services(Settings(home=tmp_path / "home", url_prefix="/ml"))
    try:
        header = as_text(shell.header("/ml"))
        assert '"/ml/models"' in header
        _page, title = shell.render_page(services, [train], "/ml/", "")
        assert title == "Train"
        html = build(services).server.test_client().get("/ml/").get_data(as_text=True)
        assert 'src="/ml/assets/theme.js' in html
    finally:
        services.close()


def test_two_apps_share_no_state(services: Services, other: Services) -> None:
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.USER_ACTION, "Something happened"))
    first, second = (build(each).server.test_client() for each in (services, other))
    assert _start(first) == {"after": 1}
    assert _start(second) == {"after": 0}


def _start(client: FlaskClient) -> Any:
    parts = client.get("/_dash-layout").get_json()["props"]["children"]
    return next(part["props"]["data"] for part in parts if part["props"].get("id") == "live-start")


def test_the_feed_is_newest_first_and_tells_every_type() -> None:
    events = [Event(i, datetime(2026, 11, 23, 9, i, tzinfo=UTC), kind, {}, f"It was {kind}", {}) for i, kind in enumerate(EventType, 1)]
    feed = activity_feed("feed", events)
    shown = [item.id["event"] for item in feed.children]
    assert shown == sorted(shown, reverse=True)
    text = as_text(feed)
    for kind in EventType:
        assert kind.value.replace("_", " ").capitalize() in text
        assert f"feed-{kind.value}" in text
        assert f".feed-{kind.value} " in (ASSETS / "parts.css").read_text()


def test_the_series_have_one_set_of_colours() -> None:
    tokens = dict(re.findall(r"--(series-\d): (#\w{6});", (ASSETS / "tokens.css").read_text()))
    assert tuple(tokens.values()) == figures.SERIES


def test_an_empty_chart_has_axes_for_what_the_browser_will_draw() -> None:
    layout = figures.loss_over_time().layout
    assert "Seconds" in layout.xaxis.title.text
    assert layout.yaxis2.overlaying == layout.yaxis3.overlaying == "y"
    assert figures.accuracy_over_time().layout.yaxis.tickformat.endswith("%")
    assert all(len(figure().data) == 0 for figure in (figures.loss_over_time, figures.score_over_time, figures.accuracy_over_time))


def test_names_of_users_reach_charts_without_their_tags() -> None:
    assert figures.plain("<b>a</b> & c", 40) == "&lt;b&gt;a&lt;/b&gt; &amp; c"
    assert figures.plain("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (words.figure(None), "–"),
        (words.figure(float("nan")), "–"),
        (words.figure(0.8361), "0.836"),
        (words.figure(12345.6), "12,346"),
        (words.exact(2.0), "2"),
        (words.count(1, "row"), "1\u00a0row"),
        (words.count(7043, "row"), "7,043\u00a0rows"),
        (words.file_size(970_457), "970\u00a0kB"),
        (words.duration(0.017), "17\u00a0ms"),
        (words.duration(300), "5\u00a0min"),
        (words.duration(3725), "1\u00a0h 2\u00a0min"),
        (words.time_range(20.4, 44.6), "20 to 45\u00a0s"),
        (words.time_range(50, 118), "50\u00a0s to 2\u00a0min"),
        (words.time_range(60, 60), "60\u00a0s"),
        (words.time_range(3, 8.6), "3 to 9\u00a0s"),
        (words.points(0.1234), "+12.3 points"),
        (words.points(-0.0001), "+0.0 points"),
        (words.signed(-1234.0), "-1,234"),
    ],
)
def test_figures_in_words(text: str, expected: str) -> None:
    assert text == expected
