"""Whether the first row names the columns, where names are numbers or where there are none."""

from __future__ import annotations

import random

import pytest

from dashapp.datasets.text.dialect import find_layout
from tests.datasets.conftest import WriteCsv

_DRAW = random.Random(7)


def row_of(parts: str, number: int) -> str:
    """A row by letters: a name, a `l`abel, an index, a whole number, a `f`raction, a 0 or 1, a `y`ear, a `b`lank, a score."""
    value = {
        "n": f"Land {chr(65 + number % 26)}{number}",
        "l": ("north", "south", "east")[number % 3],
        "i": str(number),
        "w": str(_DRAW.randint(0, 90_000)),
        "f": f"{_DRAW.uniform(0, 9):.3f}",
        "0": str(number % 2),
        "y": str(_DRAW.randint(1950, 2020)),
        "b": "",
        "s": str(_DRAW.randint(0, 4)),
    }
    return ",".join(value[part] for part in parts)


@pytest.mark.parametrize("rows", [3, 40])
@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("Country Name,Country Code,Indicator,1960,1961,1962", "nnlwww"),
        ("Country Name,Country Code,Indicator,1960,1961,1962,", "nnlwwwb"),
        ("state,2015,2016,2017,2018", "nwwww"),
        ("state,2018,2016,2014", "nfff"),
        ("state,2015,2017,2018", "nwww"),
        (",0,1,2,target", "ifff0"),
        (",0,1,2,3", "iff00"),
        (",0", "if"),
        ("0,1,2,3,4", "fffff"),
        ("country,2019,2020,2021", "nwww"),
        ("2019,2020,country", "wwn"),
        ("price,10,17,40", "wwww"),
    ],
)
def test_names_that_are_numbers(write_csv: WriteCsv, header: str, parts: str, rows: int) -> None:
    path = write_csv("\n".join([header, *(row_of(parts, number) for number in range(rows))]) + "\n")
    layout = find_layout(path)
    assert (layout.header, layout.body_line) == (header.split(","), 2)


def test_the_layout_of_the_world_bank(write_csv: WriteCsv) -> None:
    above = ['"Data Source","World Indicators",', "", '"Last Updated Date","2024-06-28",', ""]
    header = ",".join(f'"{name}"' for name in ["Country Name", "Country Code", "Indicator", *range(1960, 2000)]) + ","
    rows = [
        ",".join([f'"Land {n}","L{n}","Births"', *[f'"{n * year % 977}"' if n % 3 else "" for year in range(40)], ""]) for n in range(30)
    ]
    layout = find_layout(write_csv("\n".join([*above, header, *rows]) + "\n"))
    assert layout.header and layout.header[:5] == ["Country Name", "Country Code", "Indicator", "1960", "1961"]
    assert layout.body_line == 6


@pytest.mark.parametrize(
    ("first", "parts"),
    [
        ("Ann,1961,1962", "nyy"),
        ("4,7,1", "www"),
        ("1,2,3", "www"),
        ("0,1,2,north", "wwwl"),
        ("1950,1951,1952", "yyy"),
        ("2015,5.5", "wf"),
        ("0,1,2", "sss"),
        ("1,2,3,4", "ssss"),
        ("NA,3,8", "www"),
        ("?,3,8", "www"),
        ("Oslo,2015", "ny"),
        ("", "ifff0"),
    ],
)
def test_a_first_row_of_values_is_no_header(write_csv: WriteCsv, first: str, parts: str) -> None:
    lines = [*([first] if first else []), *(row_of(parts, number) for number in range(40))]
    assert find_layout(write_csv("\n".join(lines) + "\n")).header is None
