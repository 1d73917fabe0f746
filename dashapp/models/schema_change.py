"""What changes for programs that call, from the live version to another one: the columns it takes and the answers it gives.

No column is required of a caller (a missing one is predicted as missing, with a warning), so that a changed schema is said and is not a
fault by itself. Whether the rows of today's callers are still answered is tried, in `serving.smoke`.
"""

from __future__ import annotations

from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.wording import count_of, listed, quoted
from dashapp.models.model import Check, ModelVersion

NAME = "schema"
_KINDS_SHOWN = 3


def schema_check(candidate: ModelVersion, live: ModelVersion) -> Check:
    """Columns that are no longer looked at are said, but nobody needs to act on them."""
    answers, added, removed = _answers(candidate, live), _added_and_turned(candidate, live), _removed(candidate, live)
    if _is_another_question(candidate, live):
        added, removed = [_in_common(candidate, live)], []
    if not (changes := [*answers, *added, *removed]):
        return Check(NAME, True, "It takes the same columns as the live model and gives answers of the same kind.", 0.0)
    return Check(NAME, True, " ".join(changes), float(len(changes)), is_notable=bool(answers or added))


def _is_another_question(candidate: ModelVersion, live: ModelVersion) -> bool:
    return candidate.target != live.target


def _in_common(candidate: ModelVersion, live: ModelVersion) -> str:
    theirs = {column.name for column in live.inputs}
    common = sum(column.name in theirs for column in candidate.inputs)
    return f"It takes {count_of(len(candidate.inputs), 'column')}; the live model knows {common or 'none'} of them."


def _answers(candidate: ModelVersion, live: ModelVersion) -> list[str]:
    if _is_another_question(candidate, live):
        return [f"It answers another question: {quoted(candidate.target)} in place of {quoted(live.target)}."]
    if candidate.task.is_classification != live.task.is_classification:
        mine, theirs = ("a class", "a number") if candidate.task.is_classification else ("a number", "a class")
        return [f"It answers {quoted(candidate.target)} with {mine}; the live model gives {theirs}."]
    new = [label for label in candidate.labels if label not in live.labels]
    gone = [label for label in live.labels if label not in candidate.labels]
    return [
        *([f"It may answer {listed(new)}, which the live model never does."] if new else []),
        *([f"It never answers {listed(gone)}, as the live model may."] if gone else []),
    ]


def _removed(candidate: ModelVersion, live: ModelVersion) -> list[str]:
    mine = {column.name for column in candidate.inputs}
    gone = [column.name for column in live.inputs if column.name not in mine]
    return [f"It no longer looks at {listed(gone)}; a caller may go on sending {_it(gone)}."] if gone else []


def _added_and_turned(candidate: ModelVersion, live: ModelVersion) -> list[str]:
    mine = {column.name: column.kind for column in candidate.inputs}
    theirs = {column.name: column.kind for column in live.inputs}
    added = [name for name in mine if name not in theirs]
    turned = [name for name in mine if name in theirs and _is_another(theirs[name], mine[name])]
    found = []
    if added:
        found.append(f"It also takes {listed(added)}; a row without {_it(added)} is answered all the same, with a warning.")
    shown = [f"{quoted(name)} from {theirs[name].value} to {mine[name].value}" for name in turned[:_KINDS_SHOWN]]
    more = f" and {len(turned) - _KINDS_SHOWN:,} more" if len(turned) > _KINDS_SHOWN else ""
    if turned:
        found.append(f"Other kinds of values: {', '.join(shown)}{more}.")
    return found


def _is_another(before: ColumnKind, after: ColumnKind) -> bool:
    """Whole numbers and numbers are read alike."""
    return before is not after and not (before.is_numeric and after.is_numeric)


def _it(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
