"""The runs and their curves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import curves, runs, trainer_resources
from dashapp.errors import NotFound
from dashapp.training.run import CurvePoint, ResourcePoint, Run, RunState

_DOCUMENT = TypeAdapter(Run)
_TRAINER = (runs.c.id, runs.c.pid, runs.c.pid_started, runs.c.host, runs.c.heartbeat_at)
_UNFINISHED = (RunState.QUEUED.value, RunState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class Trainer:
    """The process that works on a run. `pid_started` (epoch seconds) tells it from a later process with the same number."""

    run_id: str
    pid: int
    pid_started: float
    host: str
    heartbeat_at: float


class Runs:
    """`get` raises `NotFound`. Each save makes a run one version newer; a run's curve points, and its resource points, are each numbered
    from 1 without a gap."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transaction: Connection, run: Run) -> None:
        transaction.execute(
            insert(runs).values(
                id=run.id,
                dataset_id=run.dataset_id,
                state=run.state.value,
                created_at=run.created_at,
                version=run.version,
                document=_DOCUMENT.dump_python(run, mode="json"),
            )
        )

    def save(self, transaction: Connection, run: Run) -> Run:
        """Write `run` over what is kept of it; returns it with its new version."""
        newer = replace(run, version=run.version + 1)
        document = _DOCUMENT.dump_python(newer, mode="json")
        transaction.execute(update(runs).where(runs.c.id == run.id).values(state=run.state.value, version=newer.version, document=document))
        return newer

    def get(self, run_id: str, transaction: Connection | None = None) -> Run:
        query = select(runs.c.document).where(runs.c.id == run_id)
        with self._database.read(within=transaction) as connection:
            document = connection.execute(query).scalar_one_or_none()
        if document is None:
            raise NotFound(f"There is no run {run_id}.")
        return _DOCUMENT.validate_python(document)

    def all(self, limit: int = 1000) -> list[Run]:
        """Newest first."""
        with self._database.read() as connection:
            found = connection.execute(select(runs.c.document).order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)).scalars()
            return [_DOCUMENT.validate_python(document) for document in found]

    def latest(self) -> Run | None:
        return next(iter(self.all(limit=1)), None)

    def unfinished(self, transaction: Connection | None = None) -> list[Run]:
        """Queued and running ones, oldest first."""
        query = select(runs.c.document).where(runs.c.state.in_(_UNFINISHED)).order_by(runs.c.created_at, runs.c.id)
        with self._database.read(within=transaction) as connection:
            return [_DOCUMENT.validate_python(each) for each in connection.execute(query).scalars()]

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(runs)).scalar_one()

    def set_trainer(self, transaction: Connection, trainer: Trainer) -> None:
        values = {key: value for key, value in asdict(trainer).items() if key != "run_id"}
        transaction.execute(update(runs).where(runs.c.id == trainer.run_id).values(**values))

    def beat(self, transaction: Connection, run_id: str) -> None:
        """Say that the trainer of this run is alive."""
        transaction.execute(update(runs).where(runs.c.id == run_id).values(heartbeat_at=time.time()))

    def trainer(self, run_id: str, transaction: Connection) -> Trainer | None:
        row = transaction.execute(select(*_TRAINER).where(runs.c.id == run_id, runs.c.pid.is_not(None))).one_or_none()
        return None if row is None else Trainer(*row)

    def trainers(self) -> list[Trainer]:
        """The processes of the unfinished runs, also of those that are queued while their trainer starts."""
        query = select(*_TRAINER).where(runs.c.state.in_(_UNFINISHED), runs.c.pid.is_not(None))
        with self._database.read() as connection:
            return [Trainer(*row) for row in connection.execute(query)]

    def add_points(self, transaction: Connection, run_id: str, points: Sequence[CurvePoint]) -> None:
        _append(transaction, curves, run_id, [asdict(point) for point in points])

    def points(self, run_id: str, after: int = 0) -> list[dict[str, Any]]:
        """Curve points numbered above `after`, in order: `number` and the fields of `CurvePoint`."""
        return self._numbered(curves, CurvePoint, run_id, after)

    def add_resources(self, transaction: Connection, run_id: str, points: Sequence[ResourcePoint]) -> None:
        _append(transaction, trainer_resources, run_id, [asdict(point) for point in points])

    def resources(self, run_id: str, after: int = 0) -> list[dict[str, Any]]:
        """What the trainer used, numbered above `after`, in order: `number` and the fields of `ResourcePoint`."""
        return self._numbered(trainer_resources, ResourcePoint, run_id, after)

    def _numbered(self, table: Table, kind: type[CurvePoint] | type[ResourcePoint], run_id: str, after: int) -> list[dict[str, Any]]:
        names = ["number", *(each.name for each in fields(kind))]
        query = select(*(table.c[name] for name in names)).where(table.c.run_id == run_id, table.c.number > after)
        with self._database.read() as connection:
            return [dict(zip(names, row, strict=True)) for row in connection.execute(query.order_by(table.c.number))]


def _append(transaction: Connection, table: Table, run_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Number the rows on from the last one of this run."""
    if not rows:
        return
    last = transaction.execute(select(func.max(table.c.number)).where(table.c.run_id == run_id)).scalar_one() or 0
    transaction.execute(insert(table), [{"run_id": run_id, "number": last + i, **row} for i, row in enumerate(rows, 1)])
