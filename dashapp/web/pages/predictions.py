"""Predictions: every kept prediction with its inputs and answer, live accuracy, the challenger, and replay; the address holds what is
shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.challenger import comparison, current_challenger
from dashapp.application.deployment import live_model
from dashapp.application.ledger import live_scores, replay, search_predictions
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.serving.ledger.kept import Search
from dashapp.web import challenger_view, challenging, live, opened, predictions_view, replay_view
from dashapp.web.challenger_view import challenger_part
from dashapp.web.components import Child, aria, note, page_heading
from dashapp.web.ledger_head import ledger_counts, ledger_pointers
from dashapp.web.ledger_query import LedgerQuery, query_of
from dashapp.web.live_scores import FEEDBACK, feedback_card, live_scores_card
from dashapp.web.navigation import choice_links
from dashapp.web.prediction_view import panel
from dashapp.web.replay_view import replay_card, replayed

PATH = predictions_view.PATH
TITLE = "Predictions"

CHANGED = "ledger-changed"
TOLD = "ledger-told"
QUERY = "ledger-query"
HEAD = "ledger-head"
SCORES = "ledger-scores"

LEDGER, ACCURACY, CHALLENGER, REPLAY = "ledger", "accuracy", challenger_view.PART, "replay"
PARTS = {LEDGER: "Ledger", ACCURACY: "Live accuracy", CHALLENGER: "Challenger", REPLAY: "Replay"}


def layout(services: Services, part: str = LEDGER, open: str = "", **address: str) -> Component:
    shown = part if part in PARTS else LEDGER
    prefix = services.settings.url_prefix
    parts = {LEDGER: _ledger, ACCURACY: _accuracy, CHALLENGER: _challenger, REPLAY: _replay}
    addresses = {name: f"{prefix}{PATH}" + ("" if name == LEDGER else f"?part={name}") for name in PARTS}
    return html.Div(
        [
            page_heading(
                "Predictions", "What the model was asked and what it answered, kept so that it can be found, judged and tried again."
            ),
            dcc.Store(id=CHANGED, data=services.log.last_id()),
            dcc.Store(id=predictions_view.PULSE),
            dcc.Store(id=TOLD),
            choice_links("Parts of this page", [(words, addresses[name], name == shown) for name, words in PARTS.items()]),
            *parts[shown](services, query_of(**address)),
            panel(open),
        ],
        id="predictions-page",
    )


def _ledger(services: Services, query: LedgerQuery) -> list[Component]:
    prefix = services.settings.url_prefix
    models = services.models.all()
    labels = sorted({label for model in models for label in model.labels})
    form = predictions_view.search_form(query, [model.version for model in models], labels)
    newest = _newest_number(services)
    found = search_predictions(services, query.search(datetime.now(UTC)))
    return [
        dcc.Store(id=QUERY, data=_as_data(query)),
        dcc.Store(id=predictions_view.TOP, data=newest),
        html.Section([html.Div(_counts(services), id=HEAD), _pointers(services)], className="ledger-head", **aria(label="Counts")),
        predictions_view.ledger_card(found, query, form, prefix),
    ]


def _counts(services: Services) -> Component:
    """The hour that runs and the one before it; and 24 hours with the one that runs."""
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    starts = this_hour - timedelta(hours=1), this_hour - timedelta(hours=23)
    lately, day, ever = (search_predictions(services, Search(since=since, limit=1)) for since in (*starts, None))
    return ledger_counts(lately, day, ever, starts)


def _pointers(services: Services) -> Component | None:
    live_now = live_model(services)
    score = next((each for each in live_scores(services) if live_now is not None and each.version == live_now.version), None)
    return ledger_pointers(score, current_challenger(services), services.settings.url_prefix)


def _newest_number(services: Services) -> int:
    found = search_predictions(services, Search(limit=1)).predictions
    return found[0].number if found else 0


def _as_data(query: LedgerQuery) -> dict[str, str]:
    return dict(parse_qsl(query.address("").removeprefix("?")))


def _accuracy(services: Services, _query: LedgerQuery) -> list[Component]:
    return [html.Div(_scores(services), id=SCORES), feedback_card()]


def _scores(services: Services) -> Component:
    models = {model.version: model for model in services.models.all()}
    return live_scores_card(live_scores(services), models, services.settings.url_prefix)


def _challenger(services: Services, _query: LedgerQuery) -> list[Component]:
    return [
        html.Div(id=challenger_view.NOTICE, role="status"),
        html.Div(_compared(services), id=challenger_view.BODY),
        challenging.USE_DIALOGUE.layout(),
    ]


def _compared(services: Services) -> Component:
    return challenger_part(current_challenger(services), comparison(services), services.settings.url_prefix)


def _replay(services: Services, _query: LedgerQuery) -> list[Component]:
    live_now = live_model(services)
    intact = [model for model in services.models.all() if services.models.is_intact(model)]
    return [replay_card(intact, None if live_now is None else live_now.id, _newest_number(services), services.settings.url_prefix)]


def register(app: Dash, services: Services) -> None:
    opened.register(app, services)
    challenging.register_comparison(app, services, lambda: _compared(services))
    _register_search(app)
    _register_following(app, services)
    _register_replay(app, services)
    live.run_in_browser(app, "csvdrop", "mount", Output(f"{FEEDBACK}-slot", "className"), Input(f"{FEEDBACK}-slot", "id"), on_load=True)


def _register_search(app: Dash) -> None:
    view = predictions_view
    live.run_in_browser(
        app,
        "ledger",
        "search",
        Input(view.TEXT, "n_submit"),
        Input(view.SEARCH_BUTTON, "n_clicks"),
        Input(view.VERSION, "value"),
        Input(view.ANSWER, "value"),
        Input(view.WINDOW, "value"),
        Input(view.ONLY, "value"),
        State(view.TEXT, "value"),
    )


def _register_following(app: Dash, services: Services) -> None:
    view = predictions_view
    live.run_in_browser(app, "ledger", "pulse", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(
        Output(HEAD, "children"),
        Output(view.NEWS, "className"),
        Output(view.NEWS_WORDS, "children"),
        Input(view.PULSE, "data"),
        State(view.TOP, "data"),
        State(QUERY, "data"),
        prevent_initial_call=True,
    )
    def announce(_pulse: Any, top: int, query: Mapping[str, str]) -> Any:
        new = _newest_number(services) - top if query_of(**query).is_newest else 0
        return _counts(services), *view.news(new)

    @app.callback(
        Output(view.LIST, "children"),
        Output(view.TOP, "data"),
        Output(view.NEWS, "className", allow_duplicate=True),
        Input(view.SHOW_NEWS, "n_clicks"),
        State(QUERY, "data"),
        prevent_initial_call=True,
    )
    def show_news(clicks: int | None, query: Mapping[str, str]) -> Any:
        if not clicks:
            return no_update, no_update, no_update
        newest = _newest_number(services)
        return _list(services, query_of(**query)), newest, view.news(0)[0]

    @app.callback(
        Output(view.LIST, "children", allow_duplicate=True),
        Input(TOLD, "data"),
        State(view.TOP, "data"),
        State(QUERY, "data"),
        prevent_initial_call=True,
    )
    def redraw(told: Any, top: int, query: Mapping[str, str]) -> Any:
        """The same predictions, with what was said of them since: nothing moves under the reader."""
        return no_update if told is None else _list(services, query_of(**query), top)

    @app.callback(Output(SCORES, "children"), Input(TOLD, "data"), prevent_initial_call=True)
    def score(told: Any) -> Any:
        return no_update if told is None else _scores(services)


def _list(services: Services, query: LedgerQuery, top: int | None = None) -> list[Component]:
    """`top` is the newest number that may be shown."""
    search = query.search(datetime.now(UTC))
    if top is not None and search.before is None:
        search = replace(search, before=top + 1)
    return predictions_view.ledger_list(search_predictions(services, search), query, services.settings.url_prefix)


def _register_replay(app: Dash, services: Services) -> None:
    @app.callback(
        Output(replay_view.ANSWER, "children"),
        Input(replay_view.BUTTON, "n_clicks"),
        State(replay_view.VERSION, "value"),
        State(replay_view.LAST, "value"),
        running=[(Output(replay_view.BUTTON, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def play(clicks: int | None, model_id: str, last: str) -> Child:
        if not clicks:
            return no_update
        try:
            return replayed(replay(services, model_id, int(last)), int(last))
        except DashappError as error:
            return note("bad", error.message, role="alert")
