"""Moves the lines of a spool into the database: each of them once, whatever dies in between."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson

from dashapp.database.engine import Database
from dashapp.serving.ledger.entry import Counts, Entry, add, bounded, read_line, written
from dashapp.serving.ledger.shadow import Shadow
from dashapp.serving.ledger.spool import Spool
from dashapp.serving.ledger.store.predictions import Predictions
from dashapp.serving.predictor import RowPrediction

ROW_BYTES = 250
"""What a kept prediction takes beside its texts: the other columns and four indexes."""

BREATH_ROWS = 20
"""After so many rows the thread lets others run."""


class Writer:
    """Used by one thread of a process. A spool's position stands in the database beside what was moved, in the same transaction."""

    def __init__(self, database: Database, predictions: Predictions, shadow: Shadow) -> None:
        self._database, self._predictions, self._shadow = database, predictions, shadow

    def resume(self, spool: Spool) -> None:
        """Learn how far the process that is gone has come."""
        spool.moved = self._predictions.moved(spool.name)

    def move(self, spool: Spool) -> int | None:
        """Move the next lines; how many rows they kept, None where there are no whole lines left."""
        lines, end = spool.lines()
        if end == spool.moved:
            return None
        records, counts = self._records(lines)
        with self._database.write() as transaction:
            is_new = self._predictions.move(transaction, spool.name, spool.moved, end, records, counts)
        if is_new:
            spool.moved = end
        else:  # an earlier commit was not confirmed to us, but took place
            self.resume(spool)
        return len(records)

    def finish(self, spool: Spool) -> None:
        """Remove a spool that was moved, and that nobody writes to any more."""
        if spool.remove():
            with self._database.write() as transaction:
                self._predictions.forget_spool(transaction, spool.name)

    def count(self, counts: Counts) -> None:
        with self._database.write() as transaction:
            self._predictions.count(transaction, counts)

    def _records(self, lines: Sequence[bytes]) -> tuple[list[dict[str, Any]], Counts]:
        counts: Counts = {}
        entries: list[Entry] = []
        for line in lines:
            try:
                key, count, kept = read_line(line)
            except ValueError:  # a line that was cut off by a full disk
                continue
            entries += kept
            add(counts, key, count)
        version, answers = self._shadow.answers(entries)
        records = []
        for place, (entry, challenger) in enumerate(zip(entries, answers, strict=True)):
            records.append(_record(entry, version, challenger))
            counts[entry.hour, entry.version].bytes += records[-1]["bytes"]
            if place % BREATH_ROWS == 0:
                time.sleep(0)
        return records, counts


def _record(entry: Entry, version: int | None, challenger: RowPrediction | None) -> dict[str, Any]:
    said = entry.answer["prediction"]
    answer = orjson.dumps(entry.answer).decode()
    inputs = bounded(entry.inputs)
    beside = None
    if challenger is not None:
        beside = orjson.dumps({"prediction": challenger.prediction, "probabilities": challenger.probabilities}).decode()
    return {
        "id": entry.id,
        "at": entry.at,
        "model_id": entry.model_id,
        "version": entry.version,
        "source": entry.source,
        "inputs": inputs,
        "prediction": written(said),
        "answer": answer,
        "warnings": len(entry.answer["warnings"]),
        "ms": entry.ms,
        "share": entry.share,
        "challenger_version": version if beside else None,
        "challenger": beside,
        "bytes": ROW_BYTES + len(inputs) + len(answer) + len(beside or ""),
    }
