"""How much of what is planted into real tables is found, and what is wrongly found in them as they are: `python -m benchmarks.leaks`.

One column at a time is planted at a random place, under a name that tells nothing and under one that tells, and the file is read
with the product's own reader. The exit code is 1 where a limit is broken.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, Profile, Severity, TargetProposal, Task
from dashapp.datasets.quality.judge import judge_quality
from dashapp.datasets.read import read_table

DATA = Path(__file__).parent.parent / "tests" / "data"
FOUND, FALSE = 0.95, 0.02
MOST_ROWS = 1_000  # of each file; the reader's time is most of the run
# What the clean files truly hold.
TRUE = {
    ("telco_churn.csv", "customerID"),
    ("titanic.csv", "PassengerId"),
    ("titanic.csv", "Name"),
    ("titanic.csv", "Ticket"),
    ("mushroom.csv", "veil_type"),
    ("auto_mpg_qmark.csv", "car name"),
}
HONEST = {  # strong predictors that must stay in the training
    "mushroom.csv": ("odor", "spore_print_color"),
    "student_mat_semicolon.csv": ("G1", "G2"),
    "iris.csv": ("petal_length", "petal_width"),
    "auto_mpg_qmark.csv": ("weight", "displacement", "horsepower"),
    "california_housing.csv": ("median_income",),
    "penguins.csv": ("flipper_length_mm", "bill_length_mm", "island"),
    "titanic.csv": ("Sex", "Fare"),
    "insurance.csv": ("smoker",),
    "telco_churn.csv": ("tenure", "TotalCharges", "Contract"),
    "wine_red_semicolon.csv": ("alcohol",),
    "diamonds.csv": ("carat", "x", "y", "z"),
}

Chance = np.random.Generator
Make = Callable[[pd.DataFrame, str, Chance], "pd.Series[object] | None"]


@dataclass(frozen=True, slots=True)
class Plant:
    """One way to spoil a table. `codes`: the findings of which one must name the column."""

    kind: str
    make: Make
    names: tuple[str, str]
    codes: frozenset[str]


def text(values: Sequence[object] | np.ndarray) -> pd.Series[object]:
    return pd.Series([str(value) for value in values], dtype=object)


def numbers(table: pd.DataFrame, target: str) -> np.ndarray:
    return pd.to_numeric(table[target], errors="coerce").to_numpy(float)


def labels(table: pd.DataFrame, target: str) -> tuple[np.ndarray, list[str]]:
    codes, values = pd.factorize(table[target])
    return codes, [str(value) for value in values]


def copy(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return table[target].astype(object)


def renamed(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    codes, values = labels(table, target)
    words = chance.permutation([f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"])
    return text([words[code] for code in codes]) if len(values) <= len(words) else None


def prefixed(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(["L_" + str(value) for value in table[target]])


def encoded(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    codes, values = labels(table, target)
    return text(chance.permutation(len(values))[codes] + 1)


def with_slips(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    """Renamed labels, one in a hundred of them wrong."""
    codes, values = labels(table, target)
    slips = chance.random(len(codes)) < 0.01
    return text([f"k{code}" for code in np.where(slips, (codes + 1) % len(values), codes)])


def noisy_codes(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    codes, _ = labels(table, target)
    return text(np.round(codes + chance.normal(0, 0.01, len(codes)), 5))


def one_hot(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    codes, _ = labels(table, target)
    counts = np.bincount(codes)
    return text((codes == chance.choice(np.flatnonzero(counts >= 0.05 * len(codes)))).astype(int))


def reasons(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    """Filled for one class only, with one of a few words."""
    codes, _ = labels(table, target)
    rare = int(np.argsort(np.bincount(codes))[-2])
    words = chance.choice(["moved", "price", "service", "other"], len(codes))
    return text([word if code == rare else "" for word, code in zip(words, codes, strict=True)])


def closing_dates(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    codes, _ = labels(table, target)
    rare = int(np.argsort(np.bincount(codes))[-2])
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(chance.integers(0, 700, len(codes)), unit="D")
    return text([day.date() if code == rare else "" for day, code in zip(days, codes, strict=True)])


def sub_labels(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text([f"{value}{number}" for value, number in zip(table[target], chance.integers(1, 4, len(table)), strict=True)])


def rescaled(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(np.round(numbers(table, target) * 0.79 + 3, 4))


def logarithm(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(np.round(np.log1p(numbers(table, target)), 5))


def reciprocal(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text([f"{value:.8g}" for value in 1_000 / (numbers(table, target) + 1)])


def rounded(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    values = numbers(table, target)
    step = (np.quantile(values, 0.95) - np.quantile(values, 0.05)) / 40
    return text(np.round(np.round(values / step) * step, 6))


def binned(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(pd.qcut(numbers(table, target), 5, labels=["very low", "low", "middle", "high", "very high"], duplicates="drop"))


def noisy(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    values = numbers(table, target)
    return text([f"{value:.8g}" for value in values + chance.normal(0, 0.005 * values.std(), len(values))])


def total(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object] | None:
    """The target and another column of numbers added up."""
    others = [name for name in table if name != target and table[name].dtype == float and table[name].notna().all()]
    if not others:
        return None
    values = numbers(table, target)
    other = table[others[int(chance.integers(len(others)))]].to_numpy(float)
    return text(np.round(values + other, 6))


def unique_codes(template: Callable[[int, Chance], object]) -> Make:
    def make(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
        return text([template(number, chance) for number in range(len(table))])

    return make


def shuffled(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(chance.permutation(len(table)) + 1)


def emails(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text([f"user{number}@example.org" for number in chance.permutation(len(table))])


def tickets(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    """Numbers of six digits, each another one."""
    return text(100_000 + chance.permutation(900_000)[: len(table)])


def counted_up(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    """In order, with gaps."""
    return text(10_000 + np.cumsum(chance.integers(1, 9, len(table))))


def stamps(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    """Milliseconds since 1970."""
    return text(1_600_000_000_000 + np.cumsum(chance.integers(1, 90_000, len(table))))


def one_value(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(["EUR"] * len(table))


def one_value_and_blanks(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(["7" if filled else "" for filled in chance.random(len(table)) < 0.8])


def nearly_one_value(table: pd.DataFrame, target: str, chance: Chance) -> pd.Series[object]:
    return text(["yes" if place == 0 or place > 0.997 * len(table) + 1 else "no" for place in chance.permutation(len(table))])


LEAK, IDENTIFIER = frozenset({"leak"}), frozenset({"identifier"})
CONSTANT, NEARLY = frozenset({"constant"}), frozenset({"near_constant", "constant"})
OF_ALL = (
    Plant("copy of the target", copy, ("col_a", "target_copy"), LEAK),
    Plant("target with a prefix", prefixed, ("info", "label_text"), LEAK),
)
OF_CLASSES = (
    Plant("renamed labels", renamed, ("col_a", "final_state"), LEAK),
    Plant("encoded labels", encoded, ("info", "result_code"), LEAK),
    Plant("renamed labels with slips", with_slips, ("info", "checked_state"), LEAK),
    Plant("codes and a little noise", noisy_codes, ("col_a", "model_score"), LEAK),
    Plant("one class against the rest", one_hot, ("info", "is_positive"), LEAK),
    Plant("finer labels", sub_labels, ("col_a", "outcome_detail"), LEAK),
    Plant("filled for one class", reasons, ("info", "cancellation_reason"), LEAK),
    Plant("date of one class", closing_dates, ("col_a", "closed_date"), LEAK),
)
OF_NUMBERS = (
    Plant("rescaled", rescaled, ("info", "target_eur"), LEAK),
    Plant("logarithm", logarithm, ("col_a", "log_target"), LEAK),
    Plant("reciprocal", reciprocal, ("info", "per_thousand"), LEAK),
    Plant("rounded", rounded, ("col_a", "rounded_target"), LEAK),
    Plant("binned", binned, ("info", "target_band"), LEAK),
    Plant("with a little noise", noisy, ("col_a", "estimate"), LEAK),
    Plant("total with another column", total, ("info", "grand_total"), LEAK),
)
HEX = "0123456789abcdef"
OTHERS = (
    Plant("id: sequential numbers", unique_codes(lambda number, _: number + 1), ("col_a", "id"), IDENTIFIER),
    Plant("id: shuffled numbers", shuffled, ("info", "record_id"), IDENTIFIER),
    Plant("id: numbers of six digits", tickets, ("info", "account"), IDENTIFIER),
    Plant("id: numbers with gaps", counted_up, ("col_a", "order_number"), IDENTIFIER),
    Plant("id: uuid", unique_codes(lambda _, chance: uuid.UUID(bytes=chance.bytes(16))), ("col_a", "uuid"), IDENTIFIER),
    Plant("id: hex", unique_codes(lambda _, chance: chance.bytes(5).hex()), ("info", "hash"), IDENTIFIER),
    Plant("id: prefixed codes", unique_codes(lambda number, _: f"C-{number * 7 % 99991:05d}"), ("col_a", "customer_no"), IDENTIFIER),
    Plant("id: like an e-mail", emails, ("info", "email"), IDENTIFIER),
    Plant("id: time stamps", stamps, ("col_a", "session_key"), IDENTIFIER),
    Plant("one value", one_value, ("info", "currency"), CONSTANT),
    Plant("one value and blanks", one_value_and_blanks, ("col_a", "version"), CONSTANT),
    Plant("nearly one value", nearly_one_value, ("info", "is_test"), NEARLY),
)


def plants_for(task: Task) -> tuple[Plant, ...]:
    return OF_ALL + (OF_CLASSES if task.is_classification else OF_NUMBERS) + OTHERS


def clean_tables(folder: Path) -> Iterator[tuple[str, pd.DataFrame, str, Task]]:
    manifest = pd.read_csv(folder / "manifest.csv")
    for file, target, task in zip(manifest["file"], manifest["target"], manifest["task"], strict=True):
        table, _ = read_table(folder / file)
        if len(table) > MOST_ROWS:
            table = table.sample(MOST_ROWS, random_state=0).reset_index(drop=True)
        yield file, table, target, Task(task)


def planted(plant: Plant, table: pd.DataFrame, target: str, name: str, chance: Chance) -> pd.DataFrame | None:
    """The table with one more column at a random place, or None where this cannot be planted into it."""
    column = plant.make(table[table[target].notna()].reset_index(drop=True), target, chance)
    if column is None or column.nunique() < 1:
        return None
    spoiled = table[table[target].notna()].reset_index(drop=True)
    # Not last: the proposed target must stay what it is.
    spoiled.insert(int(chance.integers(0, len(spoiled.columns) - 1)), name, column)
    return spoiled


def is_found(plant: Plant, profile: Profile, name: str) -> bool:
    return any(
        finding.column == name and finding.code in plant.codes and (finding.code != "leak" or finding.severity is Severity.WARN)
        for finding in profile.warnings
    )


def judge(spoiled: pd.DataFrame, target: str, task: Task, path: Path) -> Profile:
    """Read it from a file, with the target that was meant where another one was proposed."""
    spoiled.to_csv(path, index=False)
    table, profile = read_table(path)
    if profile.target.name == target and profile.target.task is task:
        return profile
    table.index = pd.RangeIndex(1, len(table) + 1)
    chosen = TargetProposal(target, task, "")
    return replace(profile, warnings=tuple(judge_quality(table, profile.columns, chosen, len(table))))


def flagged(profile: Profile) -> set[str]:
    """The columns that would be left out, or are called a constant or an identifier."""
    found = {each.column for each in profile.warnings if each.code == "leak" and each.severity is Severity.WARN}
    found |= {each.column for each in profile.warnings if each.code in ("identifier", "constant", "near_constant")}
    found |= {column.name for column in profile.columns if column.kind in (ColumnKind.IDENTIFIER, ColumnKind.CONSTANT)}
    return {name for name in found if name is not None}


def count_found(tables: Sequence[tuple[str, pd.DataFrame, str, Task]], names: int = 0) -> tuple[dict[str, list[bool]], list[str]]:
    """`names`: how many of the names of each plant to try; 0 is one of them in turn."""
    found: dict[str, list[bool]] = defaultdict(list)
    missed: list[str] = []
    with TemporaryDirectory() as folder:
        for file, table, target, task in tables:
            for number, plant in enumerate(plants_for(task)):
                for name in plant.names[:names] if names else plant.names[(number + len(file)) % 2 :][:1]:
                    chance = np.random.default_rng([number, *name.encode(), *file.encode()])
                    spoiled = planted(plant, table, target, name, chance)
                    if spoiled is None:
                        continue
                    is_there = is_found(plant, judge(spoiled, target, task, Path(folder) / "table.csv"), name)
                    found[plant.kind].append(is_there)
                    if not is_there:
                        missed.append(f"{plant.kind} in {file} as {name}")
    return found, missed


def count_false(folder: Path) -> tuple[list[str], list[str], int, list[str]]:
    """Wrongly flagged columns of the clean files, rightly flagged ones, how many columns there are, and honest ones left out."""
    wrong: list[str] = []
    right: list[str] = []
    lost: list[str] = []
    columns = 0
    for path in sorted(folder.glob("*.csv")):
        if path.name == "manifest.csv":
            continue
        _, profile = read_table(path)
        columns += len(profile.columns)
        for name in sorted(flagged(profile)):
            (right if (path.name, name) in TRUE else wrong).append(f"{path.name}: {name}")
            if name in HONEST.get(path.name, ()):
                lost.append(f"{path.name}: {name}")
    return wrong, right, columns, lost


def main(folder: Path = DATA) -> int:
    started = time.perf_counter()
    found, missed = count_found(list(clean_tables(folder)))
    groups: dict[str, list[bool]] = defaultdict(list)
    for kind, results in found.items():
        group = "identifiers" if kind.startswith("id:") else "constants" if "one value" in kind else "leaks"
        groups[group].extend(results)
        print(f"{kind:28} {sum(results):3} of {len(results):3} found")
    for line in missed:
        print("  missed:", line)
    wrong, right, columns, lost = count_false(folder)
    is_good = True
    for group, results in groups.items():
        share = sum(results) / len(results)
        is_good &= share >= FOUND
        print(f"{group}: {sum(results)} of {len(results)} found ({share:.1%}; at least {FOUND:.0%})")
    print(f"clean files: {len(wrong)} of {columns} columns wrongly flagged ({len(wrong) / columns:.1%}; at most {FALSE:.0%}) {wrong or ''}")
    print(f"  rightly flagged: {', '.join(right)}")
    print(f"strong honest predictors left out: {', '.join(lost) or 'none'}")
    print(f"{time.perf_counter() - started:.0f} s")
    return 0 if is_good and len(wrong) <= FALSE * columns and not lost else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA))
