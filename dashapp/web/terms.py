"""The words of measuring, each with an explanation that a person without statistics can read: by pointer, keyboard or touch."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashapp.web.components import Child, aria

TERMS = {
    "roc auc": "How well it puts rows in order: the chance that it gives a row of a class a higher probability of that class than a row "
    "of another one. 0.5 is guessing, 1 is perfect.",
    "accuracy": "The share of rows that it answers right. Where one class is common, guessing is often right too, so compare the two.",
    "balanced accuracy": "The share of right answers within each class, averaged over the classes, so that a rare class counts as much as "
    "a common one.",
    "f1": "One figure for two questions: how many of the rows that it names are right, and how many real ones it finds. 1 is perfect.",
    "log loss": "How far its probabilities are from the truth. Being sure and wrong costs most; 0 is perfect, lower is better.",
    "rmse": "The size of a typical error in the target's own unit, in which large errors count more. 0 is perfect, lower is better.",
    "mean absolute error": "By how much it is off on average, in the target's own unit. 0 is perfect, lower is better.",
    "r²": "The part of the target's ups and downs that it explains. 1 is all of it, 0 is no better than always guessing the mean.",
    "95 % interval": "The test rows are a sample. With other rows of the same kind the figure would lie in between in 95 of 100 cases.",
    "guessing": "What is reached without looking at any column: always the commonest class, or always the mean.",
}


def term(name: str, words: Child = None) -> Component:
    """`name`, written as `words`, with its explanation behind a question mark; the bare words where there is nothing to explain."""
    text = TERMS.get(name.casefold())
    if text is None:
        return html.Span(words or name)
    mark = html.Span("?", className="term-mark", **aria(hidden="true"))
    head = html.Summary([words or name, mark, html.Span(" (what is that?)", className="visually-hidden")], title=text)
    return html.Details([head, html.Span(text, className="term-text")], className="term")
