"""Clean tables, and the ways to write one down."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
SEED = 20230612


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def records(self) -> list[list[str]]:
        return [list(row) for row in ([self.header] if self.header else []) + list(self.rows)]


@dataclass(frozen=True, slots=True)
class Style:
    """How a table is written down; `escape` stands before a quote within a value, empty: it is doubled."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    quote_all: bool = False
    end: str = "\n"
    encoding: str = "utf-8"

    def cell(self, value: str) -> str:
        special = (self.delimiter, self.delimiter.strip() or self.delimiter, self.quote, "\n", "\r", self.escape or "\n")
        if not self.quote_all and not any(part in value for part in special) and value == value.strip():
            return value
        inner = value.replace(self.escape, self.escape * 2) if self.escape else value
        return self.quote + inner.replace(self.quote, (self.escape or self.quote) + self.quote) + self.quote

    def line(self, values: Iterable[str]) -> str:
        return self.delimiter.join(map(self.cell, values))

    def written(self, table: Table) -> list[list[str]]:
        return [[self.cell(value) for value in record] for record in table.records]

    def lines(self, table: Table) -> list[str]:
        return [self.delimiter.join(cells) for cells in self.written(table)]

    def text(self, lines: Iterable[str]) -> bytes:
        return "".join(line + self.end for line in lines).encode(self.encoding)


_THINGS = ("Lamp", "Tent", "Kettle", "Ladder", "Bicycle", "Blanket", "Compass", "Shelf", "Bucket", "Mirror", "Rucksack", "Stove")
_SORTS = ("Folding", "Copper", "Heavy", "Child's", "Painted", "Striped", "Oak", "Quiet", "Spare", "Double")
_EXTRAS = ("with Handle", 'Round 48"', "Pair, Left and Right", "Set of 3", '5" Wide', "for Two, Blue", "Large", "Indoor")
_PHRASES = (
    "Made by a small workshop that answers letters",
    "it keeps dry, warm and tidy through a long season",
    'the lid is 12" across and the base 9"',
    "spare parts are sold for years",
    "customers call it plain, honest and hard to break",
    "packed flat, with every screw that is needed",
    "not for use near an open fire",
    "one size; weighs less than it looks",
)
_REMARKS = ("call back, ask for Jo", "second delivery", 'said "no hurry"')


def made_table(rows: int = 80) -> Table:
    """A list of orders like those that shops export: dates, prices, names with commas, long descriptions, links, few remarks."""
    chance = random.Random(SEED)
    made = []
    for index in range(rows):
        code = f"{chance.choice('ABCDGHKMNRTY')}{chance.choice('ABCDGHKMNRTY')}-{chance.randint(1000, 9999)}"
        name = f"{chance.choice(_SORTS)} {chance.choice(_THINGS)}" + (f", {chance.choice(_EXTRAS)}" if chance.random() < 0.5 else "")
        description = ". ".join(chance.sample(_PHRASES, chance.randint(2, 4))) + "."
        made.append(
            (
                f"{index % 28 + 1:02d}/{index // 28 + 3:02d}/2019",
                f"{index // 4 % 24:02d}:{index % 4 * 15:02d}",
                str(chance.randint(0, 30)),
                code,
                f"${chance.uniform(0.5, 99):.2f}",
                name,
                description,
                f"https://shop.example/item?id={code}&from=list",
                chance.choice(_REMARKS) if chance.random() < 0.06 else "",
            )
        )
    return Table(("DATE", "TIME", "Qty", "ITEM_ID", "Price", "ItemName", "ItemDescription", "Link", "Remarks"), tuple(made))


def real_table(name: str, delimiter: str = ",", rows: int = 80) -> Table:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        records = [tuple(record) for record, _ in zip(csv.reader(file, delimiter=delimiter), range(rows + 1), strict=False)]
    return Table(records[0], tuple(records[1:]))


def sources() -> list[Table]:
    return [
        made_table(),
        real_table("telco_churn.csv"),
        real_table("titanic.csv", rows=90),
        real_table("student_mat_semicolon.csv", ";"),
        real_table("wine_red_semicolon.csv", ";", rows=100),
        real_table("penguins.csv", rows=90),
        real_table("insurance.csv", rows=100),
    ]


def other_sources() -> list[Table]:
    """Tables of other makes, to see whether what was tuned on `sources` holds elsewhere: names that are years, words alone, a survey."""
    return [
        _survey(),
        Table(("2019", "2020", "2021", "2022"), _drawn(40, lambda chance: [str(chance.randint(0, 9999)) for _ in range(4)])),
        Table(
            ("first", "second", "third", "label"), _drawn(60, lambda chance: [*chance.choices(_THINGS, k=3), chance.choice(("yes", "no"))])
        ),
        real_table("german_credit.csv", rows=60),
        real_table("mushroom.csv", rows=60),
        real_table("pima_diabetes.csv"),
        real_table("car_evaluation.csv"),
        real_table("auto_mpg_qmark.csv"),
        real_table("california_housing.csv", rows=60),
    ]


def _survey() -> Table:
    def answers(chance: random.Random) -> list[str]:
        comment = chance.choice(("", "", "fine; but dear", '"well", she said', "too loud\nand full"))
        day = f"2021-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00Z"
        return [
            f"R{chance.randint(0, 9999):04}",
            str(chance.randint(18, 90)),
            comment,
            f"{chance.randint(10, 50) / 10}".replace(".", ","),
            day,
        ]

    return Table(("Respondent", "How old are you?", "Comment", "Score, overall", "When"), _drawn(70, answers))


def _drawn(rows: int, draw: Callable[[random.Random], list[str]]) -> tuple[tuple[str, ...], ...]:
    chance = random.Random(SEED)
    return tuple(tuple(draw(chance)) for _ in range(rows))
