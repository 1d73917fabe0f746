"""How a dataset is read: trying another way, deciding for one, and what its columns give away about a target."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from dashapp.application.services import Services
from dashapp.datasets.dataset import ColumnReading, Dataset, DatasetState, Dialect, Finding, Profile, Reading, Task
from dashapp.datasets.quality.checks import left_out_for
from dashapp.datasets.quality.leaks import find_leaks
from dashapp.datasets.read import read_dataset
from dashapp.datasets.text.rows import read_head
from dashapp.errors import Conflict, InvalidRequest, NotFound, UnreadableCsv
from dashapp.events.fact import EventType, Fact

PREVIEW_ROWS = 10
TRIES = 5
_SEPARATOR = re.compile(r"""[^\w"'\x00-\x08\x0a-\x1f\x7f\u2028\u2029\ud800-\udfff]+|_""")
_QUOTE = re.compile(r"[!-/:-@\[-`{-~]")
MAX_DELIMITER_CHARS = 8
MAX_SKIPPED_LINES = 10_000
_READING = TypeAdapter(Reading)
_FIELDS = {field.name for field in fields(Reading)}
_COLUMN_FIELDS = {field.name for field in fields(ColumnReading)}


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be read, under the names that the columns would have."""

    names: list[str]
    rows: list[list[str]]
    dialect: Dialect
    findings: tuple[Finding, ...]


def preview_reading(services: Services, dataset_id: str, patch: Mapping[str, object]) -> Preview:
    """What `change_reading` would make of the head of the file; nothing is changed. Raises as that does."""
    dataset = ready_dataset(services, dataset_id, needs_files=True)
    reading = patched(dataset.reading, patch)
    layout, names, rows, findings = read_head(services.datasets.csv_path(dataset_id), reading, PREVIEW_ROWS)
    return Preview(names, rows, layout.dialect, tuple(findings))


def change_reading(services: Services, dataset_id: str, patch: Mapping[str, object]) -> Dataset:
    """Read the file again with the decisions in `patch` (a merge patch of `Reading`, where null takes one back) and keep the result.

    Raises `UnreadableCsv` or `InvalidRequest` (then all is as before), `Conflict` while a run works on it, or `NotFound`.
    """
    for _ in range(TRIES):
        dataset = ready_dataset(services, dataset_id, needs_files=True)
        reading = patched(dataset.reading, patch)
        _require_columns(dataset.profile, patch)
        if reading == dataset.reading:
            return dataset
        _refuse_while_trained(services, dataset)
        with suppress(_Overtaken):
            return _change(services, dataset, reading)
    raise Conflict(f"Others decide how {dataset.name} is read at this moment; try again.")


class _Overtaken(Exception):
    """Somebody else's decision was kept while the file was read with this one."""


def _change(services: Services, dataset: Dataset, reading: Reading) -> Dataset:
    files = services.datasets
    if as_read(reading) == as_read(dataset.reading):
        return _keep(services, dataset, replace(dataset, reading=reading), None)
    table = files.new_table(dataset.id)
    try:
        profile = read_dataset(files.csv_path(dataset.id), table, reading)
        return _keep(services, dataset, replace(dataset, reading=reading, profile=profile), table)
    except FileNotFoundError as error:
        raise NotFound(f"{dataset.name} was deleted while it was read.") from error
    finally:
        table.unlink(missing_ok=True)


def leaks_for(services: Services, dataset_id: str, target: str, task: Task) -> list[Finding]:
    """The columns that give this target away. Those of the proposed target are known since the file was read."""
    dataset = ready_dataset(services, dataset_id)
    profile = dataset.profile
    if profile.column(target) is None:
        return []
    if (target, task) == (profile.target.name, profile.target.task):
        return [finding for finding in profile.warnings if finding.code == "leak"]
    return find_leaks(services.datasets.sample(dataset_id), profile.columns, target, task)


def left_out_by_findings(dataset: Dataset, leaks: Sequence[Finding], target: str) -> dict[str, str]:
    """Column -> why it is left out of a training although nobody asked for that; what the user decided on is not among them.

    `leaks` are those of this target.
    """
    others = [finding for finding in dataset.profile.warnings if finding.code != "leak"]
    decided = {name for name, column in dataset.reading.columns.items() if column.use is not None}
    reasons = left_out_for([*others, *leaks])
    return {name: reason for name, reason in reasons.items() if name != target and name not in decided}


def ready_dataset(services: Services, dataset_id: str, *, needs_files: bool = False) -> Dataset:
    """Raises `NotFound` (with `needs_files` also where the disk has lost it), or `Conflict` for one that is being read or could not be."""
    dataset = services.datasets.get(dataset_id)
    if dataset.state is DatasetState.PROFILING:
        raise Conflict(f"{dataset.name} is still being read; wait until that is done.")
    if dataset.state is DatasetState.FAILED:
        raise Conflict(f"{dataset.name} could not be read: {dataset.error}")
    if needs_files:
        services.datasets.check_files(dataset_id)
    return dataset


def patched(reading: Reading, patch: Mapping[str, object]) -> Reading:
    """`reading` with a JSON merge patch (RFC 7396) applied. Raises `InvalidRequest` that names the field."""
    _require_known(patch, _FIELDS, "")
    columns = patch.get("columns")
    for name, column in columns.items() if isinstance(columns, Mapping) else ():
        _require_known(column if isinstance(column, Mapping) else {}, _COLUMN_FIELDS, f"columns.{name}.")
    merged = _without_none(_merge(asdict(reading), patch))
    if isinstance(skipped := merged.get("skipped_lines"), float) and skipped.is_integer():
        merged["skipped_lines"] = int(skipped)  # in JSON 5.0 is a whole number too
    try:
        wanted = _READING.validate_python(merged)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(f"{field}: {first['msg']}.", field=field, got=first["input"]) from error
    _check(wanted)
    return replace(wanted, columns={name: column for name, column in wanted.columns.items() if column != _UNDECIDED})


def _require_known(patch: Mapping[str, object], known: set[str], within: str) -> None:
    for name in patch:
        if name not in known:
            raise InvalidRequest(f"There is nothing called {within}{name} to decide.", field=f"{within}{name}", expected=sorted(known))


def _merge(value: Mapping[str, object], patch: Mapping[str, object]) -> dict[str, object]:
    merged = dict(value)
    for name, change in patch.items():
        before = merged.get(name)
        if isinstance(change, Mapping):
            merged[name] = _merge(before if isinstance(before, Mapping) else {}, change)
        else:
            merged[name] = change
    return merged


def _without_none(value: Mapping[str, object]) -> dict[str, object]:
    return {name: _without_none(each) if isinstance(each, Mapping) else each for name, each in value.items() if each is not None}


def _check(reading: Reading) -> None:
    if reading.encoding is not None:
        _check_encoding(reading.encoding)
    delimiter, quote = reading.delimiter, reading.quote
    if delimiter is not None and not (1 <= len(delimiter) <= MAX_DELIMITER_CHARS and _SEPARATOR.fullmatch(delimiter)):
        sentence = f"The separator must be 1 to {MAX_DELIMITER_CHARS} signs or blanks, and no letter, digit or quote."
        raise InvalidRequest(sentence, field="delimiter", got=delimiter, example=";")
    if quote is not None and not (quote == "" or _QUOTE.fullmatch(quote)):
        raise InvalidRequest("The quote must be one sign, or empty for none.", field="quote", got=quote, example='"')
    if delimiter and quote and quote in delimiter:
        raise InvalidRequest("The quote cannot be part of the separator.", field="quote", got=quote, example='"')
    if reading.skipped_lines is not None and not 0 <= reading.skipped_lines <= MAX_SKIPPED_LINES:
        raise InvalidRequest(
            f"skipped_lines must be a whole number from 0 to {MAX_SKIPPED_LINES}.", field="skipped_lines", got=reading.skipped_lines
        )
    for name, column in reading.columns.items():
        if column.decimal not in (None, ",", "."):
            field = f"columns.{name}.decimal"
            raise InvalidRequest("The decimals come after a comma or a point.", field=field, got=column.decimal, example=",")


def _check_encoding(name: str) -> None:
    try:
        is_text = codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):  # ValueError: a NUL within the name
        is_text = False
    if not is_text:
        raise UnreadableCsv("There is no encoding of this name.", field="encoding", got=name, example="cp1252")


def _require_columns(profile: Profile, patch: Mapping[str, object]) -> None:
    columns = patch.get("columns")
    for name in columns if isinstance(columns, Mapping) else ():
        if profile.column(str(name)) is None:
            raise UnreadableCsv(f'There is no column "{name}" in this table.', column=name)


_UNDECIDED = ColumnReading()


def as_read(reading: Reading) -> Reading:
    """What of the decisions changes the table itself, not only what a training takes of it."""
    columns = {name: replace(column, use=None) for name, column in reading.columns.items()}
    return replace(reading, drop_duplicates=False, columns={name: column for name, column in columns.items() if column != _UNDECIDED})


def _refuse_while_trained(services: Services, dataset: Dataset, transaction: Connection | None = None) -> None:
    if any(run.dataset_id == dataset.id for run in services.runs.unfinished(transaction)):
        raise Conflict(f"{dataset.name} is being trained on; cancel the run or wait for its end first.")


def _keep(services: Services, before: Dataset, after: Dataset, table: Path | None) -> Dataset:
    """Document and table change together, and only where nobody else changed them or began to train on them meanwhile."""
    rows, columns = after.profile.rows, len(after.profile.columns)
    fact = Fact(
        EventType.USER_ACTION,
        f"It was decided how {after.name} is read: {rows:,} rows, {columns} columns",
        {"dataset": after.id},
        {"action": "dataset_reread", "rows": rows, "columns": columns},
    )
    with services.database.write() as transaction:
        _refuse_while_trained(services, before, transaction)
        if services.datasets.get(before.id, transaction).reading != before.reading:
            raise _Overtaken
        services.datasets.update(transaction, after)
        services.log.append(transaction, fact)
        if table is not None:
            services.datasets.replace_table(after.id, table)
    return after
