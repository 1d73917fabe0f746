from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from dashapp.datasets import receive as receiving
from dashapp.datasets.receive import CHUNK_BYTES, receive, safe_name
from dashapp.errors import DiskFull, InvalidRequest, TooLarge

MB = 1024 * 1024


def test_the_bytes_arrive_with_their_fingerprint(tmp_path: Path) -> None:
    content = b"a,b\n" * (CHUNK_BYTES // 2)
    received = receive(io.BytesIO(content), tmp_path, limit_bytes=10 * MB, reserve_bytes=0, expected_bytes=len(content))
    assert received.path.parent == tmp_path
    assert received.path.read_bytes() == content
    assert (received.bytes, received.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert received.seconds > 0


@pytest.mark.parametrize("expected_bytes", [None, 3 * MB])
def test_too_many_bytes_are_refused_and_not_kept(tmp_path: Path, expected_bytes: int | None) -> None:
    with pytest.raises(TooLarge, match="limit of 2 MB"):
        receive(io.BytesIO(b"x" * 3 * MB), tmp_path, limit_bytes=2_000_000, reserve_bytes=0, expected_bytes=expected_bytes)
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_was_cut_off_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="3 of 10 bytes"):
        receive(io.BytesIO(b"a,b"), tmp_path, limit_bytes=MB, reserve_bytes=0, expected_bytes=10)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive(Broken(), tmp_path, limit_bytes=MB, reserve_bytes=0)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="Delete old datasets"):
        receive(io.BytesIO(b"a,b"), tmp_path, limit_bytes=MB, reserve_bytes=2**60)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 3 * MB

    def shrinking(_: object) -> Any:
        Usage.free -= MB
        return Usage

    monkeypatch.setattr(receiving.shutil, "disk_usage", shrinking)
    with pytest.raises(DiskFull):
        receive(io.BytesIO(b"x" * 5 * MB), tmp_path, limit_bytes=10 * MB, reserve_bytes=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("table.csv", "table.csv"),
        ("../../../../etc/cron.d/evil.csv", "evil.csv"),
        ("..\\..\\windows\\evil.csv", "evil.csv"),
        ("/etc/passwd", "passwd"),
        ("\u202evsc.exe", "vsc.exe"),
        ("a\r\nSet-Cookie: x\x00.csv", "aSet-Cookie: x.csv"),
        ("data\ud800.csv", "data.csv"),
        ("Köln 東京.csv", "Köln 東京.csv"),
        ("", "upload.csv"),
        ("..", "upload.csv"),
        ("/\u200b/", "upload.csv"),
    ],
)
def test_a_name_is_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("x" * 300 + ".csv")
    assert len(name) == 120
    assert name.endswith("x.csv")
