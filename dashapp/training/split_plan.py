"""How the rows are to be parted, decided by names and profiles: by time, by what belongs together, or at random."""

from __future__ import annotations

from collections.abc import Collection

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Profile
from dashapp.datasets.wording import quoted
from dashapp.training.run import SplitKind, SplitPlan

FEWEST_ROWS, FEWEST_TIMES = 100, 20
MOSTLY_PRESENT, NEARLY_UNIQUE = 0.95, 0.95
FEWEST_ENTITIES = 20
ROWS_AN_ENTITY = (2.0, 50.0)
MOST_OF_ONE = 0.1

# Dates of a life or of a contract, and not of the event that the row tells of.
_OTHER_DATES = (
    frozenset({"birth", "birthday", "birthdate", "born", "dob", "death", "died", "hire", "hired", "join", "joined", "joining", "founded"})
    | frozenset({"built", "graduation", "expiry", "expires", "expiration", "due", "until", "valid", "end", "since", "deadline", "next"})
    | frozenset({"renewal", "termination", "review"})
)
_EVENTS = (
    frozenset({"date", "time", "datetime", "timestamp", "ts", "at", "when", "day", "created", "ordered", "purchased", "sold", "posted"})
    | frozenset({"published", "recorded", "measured", "observed", "logged", "visited", "booked", "paid", "pickup", "departure", "arrival"})
    | frozenset({"transaction", "event", "sent", "received", "submitted"})
)
# What acts or is measured again and again; the name alone says it.
_ENTITIES = frozenset(
    {"customer", "client", "patient", "user", "subject", "participant", "respondent", "device", "session", "household"}
) | frozenset({"visitor", "player", "athlete", "student", "employee", "borrower", "donor", "shopper", "subscriber", "traveler"})
# These do with a word such as "id" beside them; alone they are a category as often as not.
_ENTITIES_WITH_ID = _ENTITIES | (
    frozenset({"account", "person", "member", "store", "shop", "machine", "sensor", "engine", "unit", "vehicle", "car", "driver", "case"})
    | frozenset(
        {"card", "order", "invoice", "loan", "policy", "child", "family", "animal", "farm", "house", "property", "merchant", "cust"}
    )
    | frozenset({"passenger", "guest", "rider", "worker", "agent", "candidate", "applicant", "contract", "bike", "battery", "turbine"})
    | frozenset({"tree", "specimen", "sample", "group", "trip", "author", "speaker", "survey", "claim", "subj", "pat", "usr", "acct"})
)
_IDS = frozenset({"id", "ids", "uuid", "guid", "no", "nr", "num", "number", "key", "code", "identifier", "ref"})


def plan_split(profile: Profile, target: str, exclude: Collection[str]) -> SplitPlan:
    """By time where the rows have an order, by group where several rows are of one entity, else at random. A column that the user
    excludes has no say."""
    columns = [column for column in profile.columns if column.name != target and column.name not in exclude]
    if (time := _time_column(columns, profile.rows)) is not None:
        return SplitPlan(SplitKind.TIME, time.name, _time_reason(time))
    if (group := _group_column(columns, profile.rows)) is not None:
        each = (profile.rows - group.missing) / group.unique
        return SplitPlan(
            SplitKind.GROUP,
            group.name,
            f"Each {quoted(group.name)} has about {each:.0f} rows, and they stay together: the test asks about ones that the model has "
            "never met.",
        )
    return SplitPlan()


def _time_reason(column: ColumnProfile) -> str:
    if column.is_ordered:
        return f"The rows are in the order of {quoted(column.name)}, so the newest fifth is the test: a model is used on what comes later."
    return f"{quoted(column.name)} says when each row happened, so the newest fifth is the test: a model is used on what comes later."


def _time_column(columns: list[ColumnProfile], rows: int) -> ColumnProfile | None:
    dates = [column for column in columns if column.kind is ColumnKind.DATETIME]
    could = [column for column in dates if _could_order(column, rows)]
    ordered = [column for column in could if column.is_ordered]
    if ordered:
        return ordered[0]
    if len(dates) == len(could) == 1 and _EVENTS.intersection(name_tokens(could[0].name)):
        only = could[0]
        return only if only.unique >= NEARLY_UNIQUE * (rows - only.missing) else None
    return None


def _could_order(column: ColumnProfile, rows: int) -> bool:
    is_event = not _OTHER_DATES.intersection(name_tokens(column.name))
    return is_event and rows >= FEWEST_ROWS and column.unique >= FEWEST_TIMES and rows - column.missing >= MOSTLY_PRESENT * rows


def _group_column(columns: list[ColumnProfile], rows: int) -> ColumnProfile | None:
    found = [column for column in columns if _names_an_entity(column.name) and _repeats(column, rows)]
    # Rows of the coarser entity hold those of the finer one: the orders of a customer stay together with the customer.
    return min(found, key=lambda column: column.unique, default=None)


def _repeats(column: ColumnProfile, rows: int) -> bool:
    if column.kind not in (ColumnKind.INTEGER, ColumnKind.CATEGORY, ColumnKind.IDENTIFIER) or column.unique < FEWEST_ENTITIES:
        return False
    present = rows - column.missing
    largest = column.top[0].count if column.top else 0
    few, many = ROWS_AN_ENTITY
    return present >= MOSTLY_PRESENT * rows and few <= present / column.unique <= many and largest <= MOST_OF_ONE * rows


def _names_an_entity(name: str) -> bool:
    """ "customer", "patient_id", "CustomerNo", "userid", "id"; not "category_id" or "student_grade"."""
    tokens = name_tokens(name)
    last = tokens[-1]
    if len(tokens) == 1:
        return last in _ENTITIES or last in {"id", "uid", "pid"} or (last.endswith("id") and last[:-2] in _ENTITIES_WITH_ID)
    return last in _IDS and bool(_ENTITIES_WITH_ID.intersection(tokens[:-1]))
