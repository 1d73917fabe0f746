"""MLflow's scoring protocol: what stands in a body, as rows; and the answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashapp.errors import InvalidRequest, InvalidRow, TooLarge
from dashapp.serving.answered import Answered
from dashapp.serving.loose_json import parse_loosely
from dashapp.serving.request_warnings import request_warnings
from dashapp.serving.rows import numbered

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
METHODS = ("predict", "predict_proba")
_ONE_OF = f"Send a JSON object with exactly one of {', '.join(FORMS)}"

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Scoring:
    """What is to be scored; `ignored` names columns that the model does not have, `method` is one of `METHODS`."""

    rows: Rows
    ignored: tuple[str, ...] = ()
    method: str = "predict"


def read_json(body: bytes, columns: Sequence[str], most_rows: int) -> Scoring:
    """`columns` are the model's. Raises `InvalidRequest`, `InvalidRow` or `TooLarge`."""
    document = parse_loosely(body)
    if not isinstance(document, dict):
        raise InvalidRequest(f"{_ONE_OF}.")
    found = [form for form in FORMS if form in document]
    if len(found) != 1:
        raise InvalidRequest(f"{_ONE_OF}, not {' and '.join(found) or 'none of them'}.")
    form, method = found[0], _method(document.get("params"))
    data = document[form]
    reader = _Reader(form, columns, most_rows)
    if form == "dataframe_split":
        return Scoring(*reader.split(data), method)
    if form == "dataframe_records":
        return Scoring(reader.records(data), (), method)
    return Scoring(*reader.any_shape(data), method)


def read_csv(body: bytes, columns: Sequence[str], most_rows: int) -> Scoring:
    """An empty cell is a missing value. Raises as `read_json`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("The CSV is not UTF-8; save it as UTF-8 and send it again.") from error
    lines = csv.reader(io.StringIO(text, newline=""))
    reader = _Reader("CSV", columns, most_rows)
    try:
        header = next(lines, [])
        data = []
        for line in lines:
            if line:
                data.append([cell or None for cell in line])
                reader.check_count(len(data))
    except csv.Error as error:
        raise InvalidRequest(f"Line {lines.line_num} of the CSV cannot be read: {error}.") from error
    if not header:
        raise InvalidRequest("The CSV is empty; send a header and rows.")
    return Scoring(*reader.table(header, data))


def _method(params: Any) -> str:
    """Parameters that mean nothing here are ignored, as MLflow's own server does."""
    if params is None:
        return "predict"
    if not isinstance(params, dict):
        raise InvalidRequest("params is not an object.")
    method = params.get("predict_method", "predict")
    if method not in METHODS:
        raise InvalidRequest(f"predict_method is {str(method)[:80]!r}; it can be {' or '.join(METHODS)}.")
    return str(method)


class _Reader:
    """Reads the shapes that data may have; `form` is what the caller named it."""

    def __init__(self, form: str, columns: Sequence[str], most_rows: int) -> None:
        self._form, self._columns, self._most_rows = form, columns, most_rows
        self._known = frozenset(columns)

    def check_count(self, rows: int) -> None:
        if rows > self._most_rows:
            raise TooLarge(f"{rows:,} rows are more than the {self._most_rows:,} of one request; send several requests.")

    def split(self, data: Any) -> tuple[Rows, tuple[str, ...]]:
        if not isinstance(data, dict) or not isinstance(data.get("data"), list):
            raise InvalidRequest(f"{self._form} is not an object with columns and data.")
        names = data.get("columns")
        if names is None:
            return self.table(self._columns, data["data"])
        if not isinstance(names, list) or not all(isinstance(name, str | int | float) for name in names):
            raise InvalidRequest(f"The columns of {self._form} are not a list of names.")
        return self.table([str(name) for name in names], data["data"])

    def records(self, data: Any) -> Rows:
        if not isinstance(data, list):
            raise InvalidRequest(f"{self._form} is not a list of objects, one for each row.")
        self.check_count(len(data))
        return data

    def any_shape(self, data: Any) -> tuple[Rows, tuple[str, ...]]:
        """Objects, lists in the order of the model's columns, or one object of columns."""
        if isinstance(data, dict):
            return self._by_column(data)
        if isinstance(data, list) and data and not isinstance(data[0], dict):
            is_flat = len(self._columns) == 1 and not isinstance(data[0], list)
            return self.table(self._columns, [[value] for value in data] if is_flat else data)
        return self.records(data), ()

    def table(self, names: Sequence[str], data: Sequence[Any]) -> tuple[Rows, tuple[str, ...]]:
        """Rows as lists, in the order of `names`."""
        self.check_count(len(data))
        kept = [(place, name) for place, name in enumerate(names) if name in self._known]
        if len({name for _, name in kept}) < len(kept):
            twice = next(name for place, name in kept if name in names[:place])
            raise InvalidRequest(f"{twice} stands twice among the columns of {self._form}.")
        rows = []
        for number, values in enumerate(data):
            if not isinstance(values, list) or len(values) != len(names):
                shown = f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
                raise InvalidRow(f"{numbered(number)} of {self._form} is not a list of {len(names)} values ({shown}).", row=number)
            rows.append({name: values[place] for place, name in kept})
        return rows, tuple(name for name in names if name not in self._known)

    def _by_column(self, data: Mapping[str, Any]) -> tuple[Rows, tuple[str, ...]]:
        if not any(isinstance(values, list) for values in data.values()):
            return [data], ()
        lengths = {name: len(values) if isinstance(values, list) else -1 for name, values in data.items()}
        rows = next(iter(lengths.values()))
        self.check_count(rows)
        for name, length in lengths.items():
            if length != rows:
                raise InvalidRequest(f"{name} in {self._form} has not as many values as the other columns.")
        kept = {name: _flat(values) for name, values in data.items() if name in self._known}
        table: Rows = [{name: values[row] for name, values in kept.items()} for row in range(rows)]
        return table, tuple(name for name in data if name not in self._known)


def _flat(values: list[Any]) -> list[Any]:
    """A column may come as an array of shape `[n, 1]`."""
    is_nested = all(isinstance(value, list) and len(value) == 1 for value in values)
    return [value[0] for value in values] if is_nested else values


def scored(scoring: Scoring, labels: Sequence[str], answered: Answered) -> dict[str, Any]:
    """`predictions` and, for probabilities, the `labels` in their order; `warnings` only where there are some."""
    document: dict[str, Any] = {"predictions": [each.prediction for each in answered.predictions]}
    if scoring.method == "predict_proba":
        document = {"predictions": [list((each.probabilities or {}).values()) for each in answered.predictions], "labels": labels}
    warnings = request_warnings(scoring.ignored, answered.predictions)
    return {**document, "warnings": warnings} if warnings else document
