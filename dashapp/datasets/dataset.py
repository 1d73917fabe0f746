"""The values of this room: what a dataset is and what is known of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import StrictBool, StrictInt


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


class ReadAs(StrEnum):
    """What a user may say that a column is. A rating is an integer or a category whose values have an order."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    RATING = "rating"
    DATETIME = "datetime"
    TEXT = "text"
    IDENTIFIER = "identifier"


class Severity(StrEnum):
    """A note asks for nothing, a warning is worth a look, and a failure must be settled before a model can be trusted."""

    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


class DatasetState(StrEnum):
    PROFILING = "profiling"
    READY = "ready"
    FAILED = "failed"


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
class Bin:
    """How many values lie from `low` (included) to `high` (excluded, but in the last bin); of dates in seconds since 1970."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class WrittenAs:
    """How the values of a column are written in its file, so that others can be read in the same way.

    `decimal`: the sign before the decimals. `is_percent_divided`: numbers with a percent sign became hundredths. `day_first`: of dates
    like 05/03/2022, None where there were none. `has_number_dates`: dates may be numbers (20220305, seconds since 1970, days of a
    spreadsheet). `is_told`: somebody said what the column is, and what cannot be read as that is missing. `keep`: spellings that are
    values although they look like missing ones.
    """

    decimal: str = "."
    is_percent_divided: bool = False
    day_first: bool | None = None
    has_number_dates: bool = False
    is_told: bool = False
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What the whole column says.

    `minimum`, `maximum` and `mean` are set for numeric kinds only. `top` holds the most frequent values as they are
    written in the file, most frequent first (at most 20; all kinds but numbers with many values). `smallest_class` is the
    count of the rarest value (None where there are more than 1,000 values). `example` is a value as it is written.
    `levels` are the values of a rating from the lowest to the highest, empty where the values have no order of their own.
    `histogram` has at most 30 bins of equal width, for numeric kinds and dates. `missing_as` are the spellings other than
    a blank that were taken as missing. `is_ordered`: dates that rise or fall from the first row to the last, but for a few.
    `written` tells how to read other values of the column.
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
    levels: tuple[str, ...] = ()
    histogram: tuple[Bin, ...] = ()
    missing_as: tuple[str, ...] = ()
    is_ordered: bool = False
    written: WrittenAs = WrittenAs()


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
class Remedy:
    """What can be done about a finding in one click: `change` is a merge patch of the dataset's `Reading`."""

    label: str
    change: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the user should know of the data; `column` is None where it concerns the whole table.

    `rows` are the first few rows that caused it, from 1 for the first row of the table, and `row_count` is how many there
    are. `score` is the evidence of a leak: what this column reaches alone in the measure `score_name`.
    """

    code: str
    column: str | None
    message: str
    severity: Severity = Severity.WARN
    rows: tuple[int, ...] = ()
    row_count: int = 0
    remedies: tuple[Remedy, ...] = ()
    score: float | None = None
    score_name: str | None = None


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
class ColumnReading:
    """What the user decided about one column; None is to be found out.

    `missing`: further spellings that mean no value; `keep`: spellings that are values although they look like missing ones.
    `decimal`: the sign before the decimals, "," or ".". `merge`: whether labels that differ only in case or blanks are one.
    `use`: False leaves the column out of every training, True puts back one that is left out for a finding.
    """

    kind: ReadAs | None = None
    missing: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    decimal: str | None = None
    day_first: StrictBool | None = None
    merge: StrictBool | None = None
    use: StrictBool | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user decided about how the file is read and used; None is to be found out. `skipped_lines` is that of `Dialect`."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    has_header: StrictBool | None = None
    skipped_lines: StrictInt | None = None
    drop_duplicates: StrictBool = False
    columns: Mapping[str, ColumnReading] = field(default_factory=dict)


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


EMPTY_PROFILE = Profile(0, (), TargetProposal(None, None, ""), (), Dialect("", "", "", has_header=False))


@dataclass(frozen=True, slots=True)
class Dataset:
    """A stored table. `uploading_s` and `validating_s` are what the first two stages really took.

    While it is `profiling` the profile is empty; where that `failed`, `error` says why in a sentence.
    """

    id: str
    name: str
    bytes: int
    sha256: str
    created_at: datetime
    uploading_s: float
    validating_s: float
    profile: Profile
    state: DatasetState = DatasetState.READY
    error: str | None = None
    reading: Reading = field(default_factory=Reading)
