"""The values of this room: what a dataset is and what is known of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ColumnKind(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATETIME = "datetime"
    TEXT = "text"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"

    @property
    def is_numeric(self) -> bool:
        return self in (ColumnKind.NUMBER, ColumnKind.INTEGER)


class Task(StrEnum):
    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"

    @property
    def is_classification(self) -> bool:
        return self is not Task.REGRESSION


@dataclass(frozen=True, slots=True)
class ValueCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What the whole column says.

    `minimum`, `maximum` and `mean` are set for numeric kinds only. `top` holds the most frequent values as they are
    written in the file, most frequent first (at most 20; all kinds but numbers with many values). `smallest_class` is the
    count of the rarest value (None where there are more than 1,000 values). `example` is a value as it is written.
    """

    name: str
    kind: ColumnKind
    missing: int
    unique: int
    example: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    top: tuple[ValueCount, ...] = ()
    smallest_class: int | None = None


@dataclass(frozen=True, slots=True)
class TargetOption:
    """A column that could be predicted, the task that this would be, and the reason in words."""

    name: str
    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class TargetProposal:
    """The first choice and the others in order. `name` and `task` are None where no column can be predicted."""

    name: str | None
    task: Task | None
    reason: str
    alternatives: tuple[TargetOption, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the user should know of the data; `column` is None where it concerns the whole table."""

    code: str
    column: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written. `skipped_lines` are those above the header. `quote` may be empty.

    `escape` is the character before a quote that is part of the value; empty where such a quote is doubled.
    """

    encoding: str
    delimiter: str
    quote: str
    has_header: bool
    skipped_lines: int = 0
    escape: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of a table after reading it once."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    target: TargetProposal
    warnings: tuple[Finding, ...]
    dialect: Dialect

    def column(self, name: str) -> ColumnProfile | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A stored table. `uploading_s` and `validating_s` are what the first two stages really took."""

    id: str
    name: str
    bytes: int
    sha256: str
    created_at: datetime
    uploading_s: float
    validating_s: float
    profile: Profile
