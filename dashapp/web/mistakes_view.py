"""Where a model errs: which classes it takes for which, how far its values are off, on which rows it is worse, and its worst ones."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashapp.models.model import ModelVersion
from dashapp.training.result import Confusion, Explanation, Line, Slice
from dashapp.web import figures_why
from dashapp.web.components import Child, aria, badge, card, data_table, note
from dashapp.web.explained import explained_chart, figures_table
from dashapp.web.plan_preview import column_name
from dashapp.web.terms import term
from dashapp.web.why_view import skipped
from dashapp.web.words import count, figure, percent, whole_percent
from dashapp.web.worst_view import worst_rows

ROC_CHART = "roc-chart"
PRECISION_CHART = "precision-recall-chart"
RESIDUALS_CHART = "residuals-chart"
CALIBRATION_CHART = "calibration-chart"
MOST_CLASSES = 20
_POINTS = 24


def mistakes_part(model: ModelVersion, explanation: Explanation) -> list[Component]:
    found: list[Component] = []
    if explanation.confusion is not None:
        found.append(card("Which it takes for which", confusion_table(explanation.confusion)))
    if explanation.roc or explanation.precision_recall:
        found.append(card("How well it tells them apart", html.Div(_curves(explanation), className="charts")))
    if explanation.residuals:
        found.append(card("How far it is off", _residuals(explanation)))
    if explanation.slices:
        found.append(card("On which rows it is worse", slices_table(explanation.slices, is_share=bool(model.labels))))
    if explanation.worst:
        found.append(card("Its worst answers", *worst_rows(explanation.worst)))
    if not found:
        found.append(note("plain", "Its mistakes were not looked at."))
    return [*found, *skipped(explanation, but_of=("The effect", "How much"))]


def confusion_table(confusion: Confusion) -> Component:
    """A row for each real class, shaded by the share of it that was called what the column says."""
    labels = confusion.labels[:MOST_CLASSES]
    rows = []
    for place, label in enumerate(labels):
        counts = confusion.counts[place]
        total = sum(counts)
        cells = [_cell(counts[at], total, is_right=at == place) for at in range(len(labels))]
        rows.append(html.Tr([html.Th(column_name(label), scope="row"), *cells, html.Td(f"{total:,}", className="number")]))
    heads = [html.Th(column_name(label), scope="col", className="number") for label in labels]
    head = html.Tr([html.Th("Really", scope="col"), *heads, html.Th("Rows", scope="col", className="number")])
    caption = "Rows of the test by what they are (down) and what they were called (across), with the share of the row"
    table = html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(rows)], className="data-table confusion"
    )
    scroll = html.Div(table, className="table-scroll", tabIndex=0, role="region", **aria(label=caption))
    return html.Div(
        [
            html.P(confusion_sentence(confusion)),
            html.P("Down: what the rows are. Across: what they were called.", className="muted small"),
            scroll,
        ]
    )


def _cell(number: int, total: int, *, is_right: bool) -> Component:
    share = number / total if total else 0.0
    shade = {"--share": f"{100 * share:.0f}%"}
    words: Child = [f"{number:,}", html.Span(f" ({whole_percent(share)})", className="cell-share")] if number else "0"
    return html.Td(words, className="number is-right" if is_right else "number", style=shade)


def confusion_sentence(confusion: Confusion) -> list[Child]:
    """The mistake that is made most often."""
    pairs = [
        (count_, real, called)
        for real, counts in zip(confusion.labels, confusion.counts, strict=True)
        for called, count_ in zip(confusion.labels, counts, strict=True)
        if real != called
    ]
    most, real, called = max(pairs, key=lambda pair: pair[0], default=(0, "", ""))
    if not most:
        return ["No test row was called what it is not."]
    return ["Most often ", column_name(real), " is taken for ", column_name(called), f": {count(most, 'time')}."]


def _curves(explanation: Explanation) -> list[Component]:
    charts = []
    if explanation.roc:
        sentence = [*_areas(explanation.roc), " The further up and to the left, the better; the dashed line is guessing."]
        charts.append(
            explained_chart(
                html.Span(term("ROC AUC", "ROC curve")), sentence, figures_why.roc(explanation.roc), id=ROC_CHART, name="ROC curve",
                table=_lines_table(explanation.roc, "Called so although it is not", "Found of the real ones"),
            )
        )  # fmt: skip
    if explanation.precision_recall:
        base = _share_of(explanation.confusion, explanation.precision_recall)
        sentence = ["To find more of the real ones it must call more rows, and fewer of those are right."]
        if base is not None:
            sentence.append(f" The dashed line is guessing: {percent(base)} of the rows are so.")
        charts.append(
            explained_chart(
                "Precision and recall", sentence, figures_why.precision_recall(explanation.precision_recall, base),
                id=PRECISION_CHART, name="Precision against recall",
                table=_lines_table(explanation.precision_recall, "Found of the real ones", "Right among those called"),
            )
        )  # fmt: skip
    return charts


def _areas(lines: Sequence[Line]) -> list[Child]:
    known = [line for line in lines if line.area is not None][:3]
    said: list[Child] = []
    for place, line in enumerate(known):
        said += [", " if place else "The area under it is ", f"{figure(line.area)} for ", column_name(line.name)]
    return [*said, "."] if said else []


def _share_of(confusion: Confusion | None, lines: Sequence[Line]) -> float | None:
    """How many of the test rows have the class of the only line."""
    if confusion is None or len(lines) != 1 or lines[0].name not in confusion.labels:
        return None
    rows = [sum(counts) for counts in confusion.counts]
    return rows[confusion.labels.index(lines[0].name)] / sum(rows) if sum(rows) else None


def calibration_chart(lines: Sequence[Line]) -> Component:
    table = _lines_table(lines, "Probability that it gave", "Share that it was", with_rows=True)
    figure_ = figures_why.calibration(lines)
    return explained_chart(
        "Are its probabilities true?", calibration_sentence(lines), figure_, id=CALIBRATION_CHART, name="Calibration", table=table
    )


def calibration_sentence(lines: Sequence[Line]) -> str:
    """By how much what it gives differs from what happens, weighed by rows, and where it differs most."""
    bins = [(rows, x, y) for line in lines for x, y, rows in zip(line.x, line.y, line.rows or (1,) * len(line.x), strict=True)]
    total = sum(rows for rows, _, _ in bins)
    if not total:
        return "On these rows it cannot be told."
    off = sum(rows * abs(x - y) for rows, x, y in bins) / total
    rows, given, was = max(bins, key=lambda each: abs(each[1] - each[2]))
    example = f"of {count(rows, 'row')} that it gave about {whole_percent(given)}, {whole_percent(was)} were so" if lines[0].rows else ""
    return f"On average its probabilities are off by {100 * off:.1f} points" + (f", at most here: {example}." if example else ".")


def _residuals(explanation: Explanation) -> Component:
    pairs = explanation.residuals
    off = sorted(abs(truth - predicted) for truth, predicted in pairs)
    sentence = f"Half of the shown rows are off by less than {figure(off[len(off) // 2])}; on the dashed line the prediction is exact."
    rows = [(figure(truth), figure(predicted), figure(truth - predicted)) for truth, predicted in pairs[:_POINTS]]
    table = data_table(
        ("Real value", "Predicted", "Off by"), rows, caption="The first of the shown rows", numbers=(0, 1, 2), row_heads=False
    )
    figure_ = figures_why.truth_against_prediction(pairs)
    return explained_chart(
        "Real values against predictions", sentence, figure_, id=RESIDUALS_CHART, name="Real values against predictions", table=table
    )


def slices_table(slices: Sequence[Slice], *, is_share: bool) -> Component:
    """Groups of test rows; `is_share` where the figure is an accuracy, else it is an RMSE."""
    worse = [each for each in slices if each.is_worse]
    said = (
        f"It is surely worse on {count(len(worse), 'group')} of rows than on all of them."
        if worse
        else "It is surely worse on no group of rows."
    )
    in_words = percent if is_share else figure
    rows = [
        (
            html.Span(each.where, dir="auto"),
            f"{each.rows:,}",
            in_words(each.value),
            f"{in_words(each.low)} to {in_words(each.high)}",
            badge("Worse", "warn") if each.is_worse else "",
        )
        for each in sorted(slices, key=lambda each: (not each.is_worse, each.value if is_share else -each.value))
    ]
    heads: list[Child] = ["Rows where", "Rows", term("accuracy", "Accuracy") if is_share else term("RMSE"), "95 % interval", ""]
    heads[4] = html.Span("Compared with all", className="visually-hidden")
    return html.Div(
        [html.P(said), data_table(heads, rows, caption="Groups of test rows, the worst first", numbers=(1, 2, 3))], className="slices"
    )


def _lines_table(lines: Sequence[Line], x: str, y: str, *, with_rows: bool = False) -> Component:
    rows: list[tuple[Child, ...]] = []
    for line in lines:
        step = max(len(line.x) // _POINTS, 1)
        for at in range(0, len(line.x), step):
            more = (f"{line.rows[at]:,}",) if with_rows and line.rows else ()
            rows.append((column_name(line.name), percent(line.x[at]), percent(line.y[at]), *more))
    has_rows = with_rows and any(line.rows for line in lines)
    return figures_table(("Class", x, y, *(("Rows",) if has_rows else ())), rows, f"{y} by {x.casefold()}")
