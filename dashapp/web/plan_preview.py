"""What a training will do, in words, before the button is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashapp.training.run import Estimate, PlannedFeatures, TrainingPlan
from dashapp.web.components import Child, note
from dashapp.web.terms import term
from dashapp.web.words import count, file_size, time_range

FOLD = "plan-fold"
BRIEF = "plan-brief"
PREVIEW = "plan-preview"
MOST_NAMES = 4
COMING = "plan-preview is-coming"
SHOWN = "plan-preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands beside the title, also where the plan is folded, and what stands below it."""

    brief: str
    body: Component


def plan_fold(preview: Preview) -> Component:
    """The page keeps what is in it up to date."""
    title = html.Summary(["What will happen", html.Span(preview.brief, id=BRIEF, className="plan-brief")], className="section-summary")
    return html.Details([title, html.Div(preview.body, id=PREVIEW, className=SHOWN)], id=FOLD, open=True, className="plan-fold")


def plan_preview(plan: TrainingPlan) -> Preview:
    rows: list[tuple[str, Child]] = [
        ("Models that compete", html.Ul([html.Li([html.Strong(each.name), f": {_open(each.reason)}"]) for each in plan.candidates])),
        ("What they learn from", html.Ul([html.Li(columns_in_words(each)) for each in plan.treatments]) if plan.treatments else None),
        ("What is left out", _left_out(plan)),
        ("Rows for the test", plan.split.reason),
        ("Judged by", html.Span([term(plan.score_name), " and ", term(plan.loss_name)], className="terms")),
        ("Time and memory", estimate_in_words(plan.estimate, plan.budget_s)),
    ]
    facts = html.Dl([html.Div([html.Dt(name), html.Dd(said)]) for name, said in rows if said is not None], className="facts plan-facts")
    return Preview(brief_in_words(plan), html.Div([*[note("plain", each) for each in plan.notes], facts]))


def no_plan(sentence: str) -> Preview:
    """Why there is nothing to train as it stands."""
    return Preview("not yet", note("warn", sentence))


def brief_in_words(plan: TrainingPlan) -> str:
    parts = [count(len(plan.candidates), "model"), count(len(plan.features), "column")]
    if plan.estimate is not None:
        parts.append(f"about {time_range(plan.estimate.low_s, plan.estimate.high_s)}")
    return " · ".join(parts)


def columns_in_words(planned: PlannedFeatures) -> list[Child]:
    return [*names(planned.columns), f": {_open(planned.what)}"]


def names(columns: Sequence[str], most: int = MOST_NAMES) -> list[Child]:
    """`age, fare and 3 more`, each name as its own piece of text, whatever script it is written in."""
    shown = columns[:most] if len(columns) > most + 1 else columns
    parts: list[Child] = []
    for place, column in enumerate(shown):
        is_last = place == len(columns) - 1 and place > 0
        parts += [" and " if is_last else ", " if place else "", column_name(column)]
    more = len(columns) - len(shown)
    return [*parts, f" and {more:,} more"] if more else parts


def column_name(name: str) -> Component:
    return html.Span(name, dir="auto", className="column-name", title=name)


def estimate_in_words(estimate: Estimate | None, budget_s: float) -> str:
    if estimate is None:
        return f"At most {time_range(budget_s, budget_s)}."
    return f"About {time_range(estimate.low_s, estimate.high_s)}, at most {file_size(estimate.memory_bytes)} of memory."


def _left_out(plan: TrainingPlan) -> Child:
    if not plan.left_out:
        return None
    left_out = [each.column for each in plan.left_out]
    return html.Span(
        [*names(left_out), f". {'The reason stands' if len(left_out) == 1 else 'The reasons stand'} under “Leave columns out”."]
    )


def _open(sentence: str) -> str:
    """A sentence that goes on after a colon and ends here."""
    return sentence.rstrip(".") + "."
