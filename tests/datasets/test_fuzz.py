"""Any bytes at all are a table that agrees with its profile, or a sentence; over HTTP never a 5xx."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashapp.datasets.read import read_table
from dashapp.errors import UnreadableCsv
from dashapp.factory import create_app
from dashapp.settings import Settings
from tests.conftest import DATA

FEW = hypothesis_settings(max_examples=60, deadline=None)
MANY = hypothesis_settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
FEW_REQUESTS = hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY_REQUESTS = hypothesis_settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
FLIPPED_FROM = sorted(path for folder in (DATA, DATA / "ugly") for path in folder.glob("*.csv") if path.stat().st_size)
LONGEST_BYTES = 12_000


# --- what people and machines write into cells -----------------------------------------------------------------------------------

NUMBERS = ("0", "-0", "1", "2.50", "-7", "+3", "1e5", "1e400", "-1e-400", "9" * 400, "0." + "0" * 300 + "1", "9223372036854775808", "0x1F")
INFINITE = ("inf", "-Infinity", "NaN", "nan", "1.#INF", "∞", "#DIV/0!", "NA", "?", "-", "--", "None")
WRITTEN_NUMBERS = ("1,234", "1.234,50", "1 234", "1\u00a0234", "$1,200.00", "€ 5", "45%", "(300)", "1/3", "00137", "٣", "１２", "1_000")
DATES = (
    "2020-01-31",
    "0001-01-01",
    "9999-12-31",
    "1677-09-21",
    "2262-04-12 00:00:00",
    "2020-02-30",
    "0000-00-00",
    "9999-12-31T23:59:59.999999999",
)
ODD_DATES = (
    "31/12/1999",
    "12/31/1999",
    "99/99/9999",
    "1.1.00",
    "1 Jan 99999",
    "Feb 30, 2020",
    "2020-01-01T00:00:00+25:00",
    "2020-01-01 24:00",
    "00:00",
)
WORDS = ("yes", "no", "TRUE", "False", "a", "A ", " a", "ß", "Straße", "x" * 600, "=1+1", "<script>", "{}", "[1]", "1 star", "low", "high")
MARKS = ('"', '""', "'", "\\", '\\"', ",", ";", "\t", "|", "||", "::", "\n", "\r", "\r\n", "a\nb", '"a', 'a"', 'a"b', "a,b", "#", "--", "{")
UNSEEN = (
    "",
    " ",
    "\u200b",
    "\u202eabc",
    "\ufeff",
    "\0",
    "a\0b",
    "\x1a",
    "\x0b",
    "\x0c",
    "\x85",
    "\u2028",
    "\U0001f600",
    "e\u0301",
    "\ufffd",
    "\x1b[0m",
)
EVERY_CELL = (*NUMBERS, *INFINITE, *WRITTEN_NUMBERS, *DATES, *ODD_DATES, *WORDS, *MARKS, *UNSEEN)
KINDS = (NUMBERS, INFINITE + NUMBERS[:4], WRITTEN_NUMBERS, DATES, ODD_DATES, WORDS, MARKS, UNSEEN, EVERY_CELL)


NAMES = ("a", "b", "b", "", " ", "id", "y", "2020", "a,b", '"', "price", "\0", "\u202e", "index", "date", "n" * 300, "select")
DELIMITERS = (*",,,,,,;;\t\t|| :~", ", ", "||", "\u2028")
ENDS = ("\n",) * 6 + ("\r\n",) * 3 + ("\r", "\n\n", "\n\r", "\x1e")
ABOVE = ("",) * 9 + ("\n\n", "a note\n", "sep=;\n", "\ufeff", "# c\n,,\n", '"', "\0\0")
BELOW = ("",) * 6 + ("\n", "\n\n", "\nTotal,,9\n", "\nx,y\n1,2\n", '\n"', "\n\x1a", "\nnote")
ENCODINGS = ("utf-8",) * 9 + ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "shift_jis", "cp037")


def sheet(seed: int, oddity: str) -> bytes:
    """A text of columns of one kind each, written in one way of many; `oddity` stands somewhere in it.

    Drawn from a seed: what Hypothesis draws cell by cell is mostly too small to reach the columns' code.
    """
    chance = random.Random(seed)
    delimiter, quote = chance.choice(DELIMITERS), chance.choice('""""\'`')
    how = chance.choice(["all", "where needed", "where needed", "never"])
    columns = [_column(chance) for _ in range(chance.choice([1, 2, 3, 3, 4, 6]))]
    rows = [[next(column) for column in columns] for _ in range(chance.choice([1, 2, 11, 31, 31, 61, 61, 120]))]
    chance.choice(rows)[0] = oddity
    if chance.random() < 0.2:
        del chance.choice(rows)[-1]
    lines = [delimiter.join(_cell(value, delimiter, quote, how) for value in row) for row in rows]
    text = chance.choice(ABOVE) + chance.choice(ENDS).join(lines) + chance.choice(BELOW)
    return text.encode(chance.choice(ENCODINGS), errors="replace")


def _column(chance: random.Random) -> Iterator[str]:
    """The name, then values of one kind without end."""
    yield chance.choice(NAMES) if chance.random() < 0.4 else f"c{chance.randrange(9)}"
    kind = chance.choice(KINDS)
    values = chance.sample(kind, chance.choice([1, 2, 2, 5, len(kind)]))
    match chance.randrange(5):
        case 0:
            values = values[:1] + [f"{chance.uniform(-1e4, 1e4):.{chance.randrange(4)}f}" for _ in range(80)]
        case 1:
            values = values[:1] + [
                f"{chance.randrange(1, 10_000):04}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}" for _ in range(80)
            ]
        case 2:
            values += [f"{chance.choice(WORDS)} {chance.randrange(1000)}" for _ in range(40)]
    while True:
        yield chance.choice(values)


def _cell(value: str, delimiter: str, quote: str, how: str) -> str:
    if how == "all" or (how == "where needed" and any(mark in value for mark in (delimiter, quote, "\n", "\r"))):
        return quote + value.replace(quote, quote * 2) + quote
    return value


SHEETS = st.builds(sheet, st.integers(0, 2**48), st.sampled_from(EVERY_CELL) | st.text(max_size=8))
BYTES = st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))


def flipped(path: Path, chance: random.Random) -> bytes:
    """The beginning of a file with a few bytes changed, put in, left out, or a piece of it said twice."""
    data = bytearray(path.read_bytes()[: chance.choice([200, 2000, LONGEST_BYTES])])
    for _ in range(chance.choice([1, 2, 5, 30])):
        place = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                data[place] = chance.choice(b"\0\"',;\t\n\r\\|\xff\xfe\x80 0")
            case 2:
                data[place:place] = chance.choice([b'"', b"\n", b",", b";;;", b"\0", b"\xef\xbb\xbf", b"\r\r\n", b'""', b"\xc3"])
            case 3:
                del data[place : place + chance.choice([1, 1, 3, 50])]
            case 4:
                data[place:place] = data[place : place + chance.choice([1, 30, 300])]
        data = data or bytearray(b"\n")
    return bytes(data)


# --- read ------------------------------------------------------------------------------------------------------------------------


def check_reading(data: bytes) -> bool:
    """Whether it was read as a table."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "any.csv"
        path.write_bytes(data)
        try:
            table, profile = read_table(path)
        except UnreadableCsv as error:
            assert error.message
            assert "\n" not in error.message
            return False
    assert table.shape == (profile.rows, len(profile.columns))
    assert list(table.columns) == [column.name for column in profile.columns]
    assert table.columns.is_unique
    for column in profile.columns:
        assert table[column.name].isna().sum() == column.missing, column.name
    return True


def test_a_sheet_of_any_make_is_a_table_or_a_sentence() -> None:
    tables = [check_reading(sheet(seed, EVERY_CELL[seed % len(EVERY_CELL)])) for seed in range(90)]
    assert 30 < sum(tables) < 80, "the sheets are no longer a mixture of tables and others"


@FEW
@given(SHEETS)
def test_a_sheet_with_any_text_in_it_is_a_table_or_a_sentence(data: bytes) -> None:
    check_reading(data)


@FEW
@given(BYTES)
def test_any_bytes_are_a_table_or_a_sentence(data: bytes) -> None:
    check_reading(data)


@pytest.mark.parametrize("path", FLIPPED_FROM, ids=lambda path: path.name)
def test_a_file_with_flipped_bytes_is_a_table_or_a_sentence(path: Path) -> None:
    chance = random.Random(path.name)
    for _ in range(2):
        check_reading(flipped(path, chance))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(10))
def test_many_sheets_of_any_make_are_tables_or_sentences(part: int) -> None:
    for seed in range(1000 * (part + 1), 1000 * (part + 1) + 200):
        check_reading(sheet(seed, EVERY_CELL[seed % len(EVERY_CELL)]))


@pytest.mark.slow
@pytest.mark.timeout(900)
@MANY
@given(SHEETS | BYTES)
def test_many_sheets_and_bytes_are_tables_or_sentences(data: bytes) -> None:
    check_reading(data)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", FLIPPED_FROM, ids=lambda path: path.name)
def test_many_flipped_bytes_are_tables_or_sentences(path: Path) -> None:
    chance = random.Random(f"many {path.name}")
    for _ in range(30):
        check_reading(flipped(path, chance))


# --- over HTTP -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    """Runs are queued and never begun: no dispatcher was started."""
    server = create_app(settings).server
    yield server.test_client()
    server.extensions["dashapp"].services.close()


def is_problem(answer: TestResponse) -> bool:
    return 400 <= answer.status_code < 500 and answer.content_type == "application/problem+json" and bool(document(answer)["detail"])


def document(answer: TestResponse) -> dict[str, Any]:
    """The body by the letter of the standard, which knows no NaN and no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON: {answer.text}")

    parsed: dict[str, Any] = json.loads(answer.text, parse_constant=refuse)
    return parsed


def check_requests(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/api/datasets", query_string={"name": "any.csv"}, data=data)
    if answer.status_code not in (200, 201, 202):
        assert is_problem(answer), answer.text
        return
    dataset = document(answer)
    rows = client.get(f"/api/datasets/{dataset['id']}/rows?limit=3")
    assert (rows.status_code == 200 and document(rows)) or is_problem(rows), rows.text
    last = [{"target": column["name"]} for column in dataset["columns"][-1:]]
    for chosen in ({}, *last):
        run = client.post("/api/runs", json={"dataset_id": dataset["id"], **chosen})
        assert run.status_code in (200, 201, 202) or is_problem(run), run.text
    assert client.delete(f"/api/datasets/{dataset['id']}").status_code < 500


@FEW_REQUESTS
@given(SHEETS | BYTES)
def test_no_upload_and_no_run_of_it_makes_a_5xx(client: FlaskClient, data: bytes) -> None:
    check_requests(client, data)


def test_no_flipped_upload_and_no_run_of_it_makes_a_5xx(client: FlaskClient) -> None:
    chance = random.Random("requests")
    for path in FLIPPED_FROM[::2]:
        check_requests(client, flipped(path, chance))


@pytest.mark.slow
@pytest.mark.timeout(900)
@MANY_REQUESTS
@given(SHEETS | BYTES)
def test_many_uploads_and_runs_never_make_a_5xx(client: FlaskClient, data: bytes) -> None:
    check_requests(client, data)
