"""The head of the prediction ledger: exact counts beside what is kept, and how the live model does."""

from __future__ import annotations

from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.serving.ledger.kept import Challenger, Found, LiveScore
from dashapp.web.components import Child, figure_tile, figures_row, local_time
from dashapp.web.live_scores import score_in_words
from dashapp.web.predictions_view import PATH
from dashapp.web.words import count, percent


def ledger_counts(lately: Found, day: Found, ever: Found, starts: tuple[datetime, datetime]) -> Component:
    """`starts` are those of the first hours counted in `lately` and in `day`: predictions are counted by the hour."""
    tiles = [
        figure_tile("Made lately", f"{lately.made:,}", ["since ", local_time(starts[0])]),
        figure_tile("Made in a day", f"{day.made:,}", ["since ", local_time(starts[1])]),
        figure_tile("With warnings", f"{day.warned:,}", f"in a day, {percent(day.warned / day.made)}" if day.made else "in a day"),
        figure_tile("Kept", f"{ever.kept:,}", _kept_words(ever)),
    ]
    return figures_row(tiles)


def ledger_pointers(live_score: LiveScore | None, challenger: Challenger | None, prefix: str) -> Component | None:
    """What the other parts of the page have to tell, in a line each."""
    pointers = [each for each in (_score_line(live_score, prefix), _challenger_line(challenger, prefix)) if each is not None]
    return html.Ul([html.Li(each) for each in pointers], className="ledger-pointers") if pointers else None


def _kept_words(ever: Found) -> str:
    if ever.kept >= ever.made:
        return "all that were ever made"
    return f"of {ever.made:,} ever made: a sample, or the newest"


def _score_line(score: LiveScore | None, prefix: str) -> list[Child] | None:
    if score is None:
        return None
    value, interval = score_in_words(score)
    link = dcc.Link("Live accuracy", href=f"{prefix}{PATH}?part=accuracy")
    return [
        f"Version {score.version}: {score.name} {value} ({interval}) on {count(score.n, 'prediction')} whose truth is known. ",
        link,
        ".",
    ]


def _challenger_line(challenger: Challenger | None, prefix: str) -> list[Child] | None:
    if challenger is None:
        return None
    link = dcc.Link("How it compares", href=f"{prefix}{PATH}?part=challenger")
    return [f"Version {challenger.version} runs as challenger. ", link, "."]
