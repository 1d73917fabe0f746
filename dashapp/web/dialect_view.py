"""How a file was read, in one sentence, and the form that reads it differently with what would come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashapp.application.reading import Preview
from dashapp.datasets.dataset import Dataset, Dialect, Profile, Reading
from dashapp.datasets.decided import decided
from dashapp.datasets.spoken import encoding_in_words, separator_in_words
from dashapp.web.components import Child, button, data_table, field, note
from dashapp.web.decisions import decide_button
from dashapp.web.words import count

SEPARATOR = "read-separator"
OTHER_SEPARATOR = "read-other-separator"
QUOTE = "read-quote"
ENCODING = "read-encoding"
HEADER = "read-header"
SKIPPED = "read-skipped"
FIELDS = (SEPARATOR, OTHER_SEPARATOR, QUOTE, ENCODING, HEADER, SKIPPED)
READ_PREVIEW = "read-preview"
READ_BUTTON = "read-button"
MOST_COLUMNS = 40
MOST_CHARS = 200
FOUND, OTHER, NONE = "found", "other", "none"
_SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar", " ": "Space"}
_QUOTES = {'"': 'Double quote "', "'": "Single quote '"}
_ENCODINGS = {
    name: encoding_in_words(name) for name in ("utf-8", "cp1252", "latin-1", "cp1250", "cp1251", "utf-16", "cp932", "gb18030", "euc_kr")
}
_HEADERS = {"yes": "The first line names the columns", "no": "No header"}
# The lines above the header are said with the dialect.
_REPAIRS = frozenset(
    ("mended_rows", "mixed_delimiters", "unbalanced_quote", "short_rows", "long_rows", "doubtful_rows", "note_lines", "totals_row")
) | frozenset(("undecoded", "second_table", "repeated_header", "header_rows", "mended_header"))


def reading_section(dataset: Dataset) -> Component:
    """The sentence, and folded below it the form."""
    sentence = f"{dialect_in_words(dataset.profile.dialect)}. {repaired_in_words(dataset.profile)}".rstrip()
    return html.Div(
        [html.P(sentence, className="read-sentence", id="read-sentence"), _decided(dataset.reading), _fold(dataset)], className="read-as"
    )


def _decided(reading: Reading) -> Component | None:
    """How many decisions stand, for they outlive the page and another upload of the same file; unfolded, each can be taken back."""
    every = decided(reading)
    if not every:
        return None
    number = f"{count(len(every), 'decision')} of yours {'stands' if len(every) == 1 else 'stand'}"
    taken = [
        html.Li([html.Span(sentence), decide_button("Take it back", back, f"back {place}")]) for place, (sentence, back) in enumerate(every)
    ]
    summary = html.Summary([number, html.Span(": what you decided", className="muted")], className="section-summary")
    return html.Details([summary, html.Ul(taken, className="decided")], id="decided-fold")


def dialect_in_words(dialect: Dialect) -> str:
    parts = [
        f"{encoding_in_words(dialect.encoding)} text",
        f"separated by {separator_in_words(dialect.delimiter)}",
    ]
    if dialect.quote:
        parts.append(f"quoted with {dialect.quote}")
    parts.append("with a header line" if dialect.has_header else "without a header line")
    if dialect.skipped_lines:
        parts.append(f"{count(dialect.skipped_lines, 'line')} above it skipped")
    return ", ".join(parts)


def repaired_in_words(profile: Profile) -> str:
    """What was put right while the file was read; the checks say it one by one."""
    repairs = [finding for finding in profile.warnings if finding.code in _REPAIRS]
    if len(repairs) < 2:
        return "".join(repair.message for repair in repairs)
    return f"{len(repairs)} things were put right; the checks below say what."


def _fold(dataset: Dataset) -> Component:
    parts: list[Child] = [
        html.Summary("Read it differently", className="section-summary"),
        html.Div(_fields(dataset), className="read-fields"),
        html.Div(id=READ_PREVIEW, role="status"),
        button("Read the file this way", READ_BUTTON, "primary", disabled=True),
    ]
    return html.Details(parts, id="read-fold")


def _fields(dataset: Dataset) -> list[Component]:
    reading, dialect = dataset.reading, dataset.profile.dialect
    separator, other = FOUND, ""
    if reading.delimiter is not None:
        separator = reading.delimiter if reading.delimiter in _SEPARATORS else OTHER
        other = "" if separator != OTHER else reading.delimiter
    separators = {**_SEPARATORS, OTHER: "Other text"}
    quotes = {**_QUOTES, NONE: "No quotes"}
    encodings = (
        _ENCODINGS
        if reading.encoding is None or reading.encoding in _ENCODINGS
        else {reading.encoding: encoding_in_words(reading.encoding), **_ENCODINGS}
    )
    quote = FOUND if reading.quote is None else reading.quote or NONE
    header = FOUND if reading.has_header is None else "yes" if reading.has_header else "no"
    found = {
        SEPARATOR: None
        if reading.delimiter is not None
        else _SEPARATORS.get(dialect.delimiter, "").lower() or separator_in_words(dialect.delimiter),
        QUOTE: None if reading.quote is not None else dialect.quote or "none",
        ENCODING: None if reading.encoding is not None else encoding_in_words(dialect.encoding),
        HEADER: None if reading.has_header is not None else "a header" if dialect.has_header else "no header",
    }
    skipped = dbc.Input(
        id=SKIPPED,
        type="number",
        min=0,
        max=10_000,
        step=1,
        value=reading.skipped_lines,
        debounce=300,
        placeholder=f"Found: {dialect.skipped_lines}",
    )
    return [
        field("Separator", _choice(SEPARATOR, separators, separator, found[SEPARATOR])),
        field("Other separator", dbc.Input(id=OTHER_SEPARATOR, value=other, maxlength=8, debounce=300, placeholder="Such as ||")),
        field("Quote", _choice(QUOTE, quotes, quote, found[QUOTE])),
        field("Encoding", _choice(ENCODING, encodings, reading.encoding or FOUND, found[ENCODING])),
        field("Header", _choice(HEADER, _HEADERS, header, found[HEADER])),
        field("Lines to skip", skipped),
    ]


def _choice(id: str, values: Mapping[str, str], value: str, found: str | None) -> Component:
    options = [{"label": "Find it out" if found is None else f"Found: {found}", "value": FOUND}]
    options += [{"label": label, "value": each} for each, label in values.items()]
    chosen: Component = dbc.Select(id=id, options=options, value=value)
    return chosen


def form_patch(
    separator: str | None, other: str | None, quote: str | None, encoding: str | None, header: str | None, skipped: float | None
) -> dict[str, Any]:
    """What the form says as a patch of the reading; what is to be found out is null. Text in the field is meant unless one was chosen."""
    delimiter = (other or None) if separator in (FOUND, OTHER) else separator
    return {
        "delimiter": None if delimiter == FOUND else delimiter,
        "quote": None if quote == FOUND else "" if quote == NONE else quote,
        "encoding": None if encoding == FOUND else encoding,
        "has_header": {"yes": True, "no": False}.get(header or ""),
        "skipped_lines": None if skipped is None else int(skipped),
    }


def agreed(changed: object, separator: str | None, other: str | None) -> tuple[str | None, str | None]:
    """The choice of a separator and the text for another one, made to say the same after one of them was `changed`."""
    if changed == OTHER_SEPARATOR and other:
        return OTHER, other
    return separator, "" if changed == SEPARATOR and separator != OTHER else other


def reading_preview(preview: Preview) -> Component:
    """The first rows as they would be read."""
    rows = [[_clipped(cell) for cell in row[:MOST_COLUMNS]] for row in preview.rows]
    heads = [_clipped(name) for name in preview.names[:MOST_COLUMNS]]
    more = f" The first {MOST_COLUMNS} are shown." if len(preview.names) > MOST_COLUMNS else ""
    said = f"{count(len(preview.names), 'column')}. {dialect_in_words(preview.dialect)}.{more}"
    table = data_table(heads, rows, caption="First rows as they would be read", row_heads=False)
    return html.Div([html.P(said, className="small muted"), table], className="read-preview")


def _clipped(text: str) -> Component:
    return html.Span(text[:MOST_CHARS], className="cell-clip", dir="auto")


def reading_problem(sentence: str) -> Component:
    return note("bad", sentence)
