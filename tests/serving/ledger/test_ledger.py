"""Off the hot path and into the database: nothing lost, nothing twice, whatever dies in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from dashapp.serving.answered import Answered
from dashapp.serving.ledger import ledger as ledger_module
from dashapp.serving.ledger.ledger import Ledger
from dashapp.serving.predictor import RowPrediction
from dashapp.settings import ROOT
from tests.serving.ledger.conftest import NOON, Kept, answered
from tests.waiting import wait_until


def round_of(ledger: Ledger) -> None:
    ledger.round(NOON)


def test_a_request_is_kept_with_all_that_was_answered(kept: Kept) -> None:
    doubts = [{"code": "blank", "column": "age", "message": "age is blank; it is taken as a missing value."}]
    said = [RowPrediction(1.5, None, doubts, (1.0, 2.0)), RowPrediction(2.5, None, [])]
    request = answered({"age": "", "name": "Zoë"}, {"age": 3}, predictions=said)
    ledger = kept.process()
    ledger.keep(request)
    round_of(ledger)
    first, second = kept.all()
    assert (first.id, first.inputs, first.prediction, first.probabilities) == (f"{request.id}-0", {"age": "", "name": "Zoë"}, 1.5, None)
    assert (first.interval, first.warnings, first.ms, first.share) == ((1.0, 2.0), tuple(doubts), 1.5, 1.0)
    assert (first.at.timestamp(), first.version, first.source) == (NOON, 1, "json")
    assert (second.id, second.interval, second.warnings) == (f"{request.id}-1", None, ())


def test_many_threads_lose_nothing(kept: Kept) -> None:
    ledger = kept.process(interval_s=0.01)
    requests = [[answered({"x": number}) for number in range(300)] for _ in range(8)]

    def send(share: list[Answered]) -> None:
        for request in share:
            ledger.keep(request)

    threads = [threading.Thread(target=send, args=(share,)) for share in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.stop()
    assert kept.counts() == (2400, 2400)
    found = kept.predictions.answers([request.id for share in requests for request in share])
    assert len(found) == 2400 and kept.spools() == []


def test_a_spool_is_left_for_the_next_one_while_it_is_written_to(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "ROTATE_BYTES", 1)
    ledger = kept.process()
    for number in range(5):
        ledger.keep(answered({"x": number}))
        round_of(ledger)
    assert [each.inputs["x"] for each in kept.all()] == [0, 1, 2, 3, 4]
    assert len(kept.spools()) == 1
    with kept.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM prediction_spools")).scalar_one() <= 1


def test_what_a_killed_process_left_is_adopted_once(kept: Kept) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from dashapp.serving.ledger.spool import Spool;"
        "from dashapp.serving.ledger.entry import whole_line; from tests.serving.ledger.conftest import answered;"
        "spool = Spool.create(Path(sys.argv[1])); [spool.append(whole_line(answered({'x': n}))) for n in range(50)];"
        "os.write(spool._descriptor, whole_line(answered({'x': 50}))[:40]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script, str(kept.directory / "ledger")], env=environment, cwd=ROOT, timeout=60, check=False)
    (left,) = kept.spools()
    assert left.stat().st_size > 1000
    first, second = kept.process(), kept.process()
    for ledger in (first, second, first):
        ledger.round(NOON)
    assert kept.counts() == (50, 50)
    assert not left.exists() and len(kept.spools()) == 2


def test_the_spool_of_a_living_process_is_left_alone(kept: Kept) -> None:
    first, second = kept.process(), kept.process()
    first.keep(answered({"x": 1}))
    second.round(NOON)
    assert kept.counts() == (0, 0)
    first.round(NOON)
    assert kept.counts() == (1, 1)


def test_a_process_killed_after_the_commit_and_before_the_deletion_counts_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = kept.process()
    ledger.keep(answered({"x": 1}, {"x": 2}))
    (spool,) = kept.spools()
    before = spool.read_bytes()
    ledger.stop()
    assert not spool.exists()
    # The place in the database is forgotten only once the file is gone; a file that came back would be as it was at the kill.
    with kept.database.write() as transaction:
        transaction.execute(
            text("INSERT INTO prediction_spools (name, moved) VALUES (:name, :moved)"), {"name": spool.name, "moved": len(before)}
        )
    spool.write_bytes(before)
    kept.process().round(NOON)
    assert kept.counts() == (2, 2) and not spool.exists()


def test_a_commit_that_was_not_confirmed_counts_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = kept.process()
    ledger.keep(answered({"x": 1}))
    move = ledger._writer.move

    def lost(spool: Any) -> int | None:
        place = spool.moved
        found = move(spool)
        spool.moved = place
        monkeypatch.setattr(ledger._writer, "move", move)
        raise ConnectionError("gone before it said that it had committed") if found else AssertionError
        return found

    monkeypatch.setattr(ledger._writer, "move", lost)
    with pytest.raises(ConnectionError):
        round_of(ledger)
    ledger.keep(answered({"x": 2}))
    round_of(ledger)
    round_of(ledger)
    assert kept.counts() == (2, 2) and [each.inputs["x"] for each in kept.all()] == [1, 2]


def test_when_the_writer_falls_behind_a_sample_is_kept_and_the_counts_are_exact(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "STEP_BYTES", 20_000)
    ledger = kept.process()
    doubtful = RowPrediction("yes", {"yes": 0.75, "no": 0.25}, [{"code": "blank", "column": "x", "message": "x is blank"}])
    for number in range(400):
        ledger.keep(answered({"x": number}, predictions=[doubtful] if number % 2 else []))
    ledger.keep(answered(*({"x": number} for number in range(400, 600))))
    round_of(ledger)
    found = kept.all()
    assert kept.counts() == (600, len(found)) and 50 < len(found) < 600
    shares = {each.share for each in found}
    assert shares <= {1.0, 0.5, 0.25, 0.125, 0.0625} and min(shares) < 0.5
    # What each stands for adds up to what was made, but for the last step of each share.
    assert abs(sum(1 / each.share for each in found) - 600) < 32
    assert [each.inputs["x"] for each in found] == sorted(each.inputs["x"] for each in found)
    batch = [each for each in found if each.inputs["x"] >= 400]
    assert {int(each.id.rsplit("-", 1)[1]) for each in batch} == {each.inputs["x"] - 400 for each in batch}
    with kept.database.read() as connection:
        assert connection.execute(text("SELECT warned FROM prediction_counts")).scalar_one() == 200
    ledger.keep(answered({"x": 600}))
    round_of(ledger)
    assert kept.all()[-1].share == 1.0


def test_when_far_too_much_waits_only_the_counts_are_kept(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "MOST_BYTES", 2_000)
    ledger = kept.process()
    for number in range(500):
        ledger.keep(answered({"x": number}))
    (spool,) = kept.spools()
    assert spool.stat().st_size < 5_000
    round_of(ledger)
    made, remembered = kept.counts()
    assert made == 500 and 0 < remembered < 20


def test_with_no_days_only_the_counts_are_kept(kept: Kept) -> None:
    ledger = kept.process(days=0)
    ledger.keep(answered({"secret": "name"}, {"secret": "other"}))
    assert b"secret" not in kept.spools()[0].read_bytes()
    round_of(ledger)
    assert (kept.counts(), kept.all()) == ((2, 0), [])


def test_a_spool_that_cannot_be_written_fails_no_prediction_and_is_told_once(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    ledger = kept.process()
    spool = ledger._spool
    assert spool is not None
    descriptor, spool._descriptor = spool._descriptor, os.open("/dev/full", os.O_RDWR)
    for number in range(3):
        ledger.keep(answered({"x": number}))
        spool._descriptor, full = descriptor, spool._descriptor
        ledger._try_round()
        spool._descriptor = full
    os.close(full)
    assert kept.counts() == (3, 0)
    assert caplog.text.count("only counted") == 1
    spool._descriptor = descriptor
    ledger.keep(answered({"x": 3}))
    ledger._try_round()
    assert kept.counts() == (4, 1)


def test_a_line_that_a_full_disk_cut_off_spoils_no_other(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = kept.process()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:30]))
    ledger.keep(answered({"x": 1}))
    monkeypatch.setattr(os, "write", write)
    ledger.keep(answered({"x": 2}))
    round_of(ledger)
    assert kept.counts() == (2, 1) and [each.inputs for each in kept.all()] == [{"x": 2}]


def test_a_directory_that_is_a_file_fails_no_prediction(kept: Kept) -> None:
    (kept.directory / "ledger").write_text("in the way")
    ledger = kept.process()
    ledger.keep(answered({"x": 1}))
    ledger._try_round()
    assert kept.counts() == (1, 0)
    (kept.directory / "ledger").unlink()
    ledger._try_round()
    ledger.keep(answered({"x": 2}))
    ledger._try_round()
    assert kept.counts() == (2, 1)


def test_a_database_that_fails_loses_nothing(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    ledger = kept.process(interval_s=0.01)
    rename(kept, "prediction_counts", "away")
    ledger.keep(answered({"x": 1}))
    wait_until(lambda: "only counted" in caplog.text)
    rename(kept, "away", "prediction_counts")
    wait_until(lambda: kept.counts() == (1, 1))
    assert len(kept.all()) == 1


def test_nothing_is_kept_before_the_start_and_after_the_stop(kept: Kept) -> None:
    ledger = kept.process()
    ledger.stop()
    ledger.keep(answered({"x": 1}))
    assert kept.counts() == (0, 0) and kept.spools() == []


def test_spools_are_for_their_owner_only(kept: Kept) -> None:
    kept.process()
    (spool,) = kept.spools()
    assert spool.stat().st_mode & 0o777 == 0o600 and Path(kept.directory / "ledger").stat().st_mode & 0o777 == 0o700


def rename(kept: Kept, table: str, name: str) -> None:
    with kept.database.write() as transaction:
        transaction.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
