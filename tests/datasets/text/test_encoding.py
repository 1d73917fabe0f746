from __future__ import annotations

import pytest

from dashapp.datasets.text.encoding import CHUNK_BYTES, detect_encoding
from dashapp.errors import UnreadableCsv
from tests.datasets.conftest import WriteCsv

TABLE = "city,name\nKöln,Zoë\nTromsø,Åse\nMálaga,José\n" * 5


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        *((codec, codec) for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")),
        ("latin-1", "cp1252"),
    ],
)
def test_western_text(write_csv: WriteCsv, codec: str, found: str) -> None:
    assert detect_encoding(write_csv(TABLE.encode(codec))) == found


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("都市,値\n東京,1\n大阪,2\n名古屋,3\n札幌,4\n" * 5, "cp932"),
        ("miasto,osoba\nŁódź,Grzegorz Brzęczyszczykiewicz\nKraków,Małgorzata Wiśniewska\nŚwiętochłowice,Żaneta\n" * 5, "cp1250"),
        ("город,имя\nМосква,Анна Петровна\nСанкт-Петербург,Дмитрий\nНовосибирск,Ольга\n" * 5, "cp1251"),
    ],
)
def test_other_scripts(write_csv: WriteCsv, text: str, codec: str) -> None:
    path = write_csv(text.encode(codec))
    assert path.read_bytes().decode(detect_encoding(path)) == text


@pytest.mark.parametrize("line", ["Köln,1", "élève,garçon,à côté", "Größe,Straße", "Málaga,José,Muñoz", "Fläche in m³,5 £,10 º"])
def test_a_single_western_line_is_enough(write_csv: WriteCsv, line: str) -> None:
    assert detect_encoding(write_csv(f"a,b\n{line}\n".encode("cp1252"))) == "cp1252"


def test_a_letter_far_down_decides_too(write_csv: WriteCsv) -> None:
    content = b"a,b\n" * (CHUNK_BYTES // 2) + "Köln,1\n".encode("cp1252")
    assert detect_encoding(write_csv(content)) == "cp1252"


def test_a_wrong_byte_does_not_garble_the_other_letters(write_csv: WriteCsv) -> None:
    assert detect_encoding(write_csv(TABLE.encode() + b"caf\xe9,x\n")) == "utf-8"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\r\n \n", "empty"),
        (b"PK\x03\x04rest", "an Excel or zip file"),
        (b"%PDF-1.7 rest", "a PDF document"),
        (b"\x1f\x8b rest", "gzip"),
        (bytes(range(256)) * 8, "binary"),
    ],
)
def test_what_is_not_text_is_named(write_csv: WriteCsv, content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableCsv, match=sentence):
        detect_encoding(write_csv(content))
