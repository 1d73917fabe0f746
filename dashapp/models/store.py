"""The registered models with their artifact files, and the ledger of deployments."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select

from dashapp.database.engine import Database
from dashapp.database.tables import deployments, models
from dashapp.errors import Conflict, ModelDamaged, NotFound
from dashapp.models.model import Artifact, Check, Deployment, DeploymentAction, ModelVersion

_DOCUMENT = TypeAdapter(ModelVersion)
_CHECKS = TypeAdapter(tuple[Check, ...])


class Models:
    """`get` raises `NotFound`. An artifact's folder is in place before its row is committed; the row goes first on deletion."""

    def __init__(self, database: Database, directory: Path) -> None:
        self._database = database
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def next_version(self, transaction: Connection) -> int:
        return (transaction.execute(select(func.max(models.c.version))).scalar_one() or 0) + 1

    def add(self, transaction: Connection, model: ModelVersion) -> None:
        transaction.execute(
            insert(models).values(
                id=model.id,
                version=model.version,
                run_id=model.run_id,
                dataset_id=model.dataset_id,
                created_at=model.created_at,
                document=_DOCUMENT.dump_python(model, mode="json"),
            )
        )

    def get(self, model_id: str, transaction: Connection | None = None) -> ModelVersion:
        query = select(models.c.document).where(models.c.id == model_id)
        with self._database.read(within=transaction) as connection:
            document = connection.execute(query).scalar_one_or_none()
        if document is None:
            raise NotFound(f"There is no model {model_id}.")
        return _DOCUMENT.validate_python(document)

    def all(self) -> list[ModelVersion]:
        """Newest first."""
        with self._database.read() as connection:
            found = connection.execute(select(models.c.document).order_by(models.c.version.desc())).scalars()
            return [_DOCUMENT.validate_python(document) for document in found]

    def remove(self, transaction: Connection, model_id: str) -> None:
        """Raises `NotFound` where somebody else was faster."""
        if not transaction.execute(delete(models).where(models.c.id == model_id)).rowcount:
            raise NotFound(f"There is no model {model_id}.")

    def folder(self, model_id: str) -> Path:
        return self.directory / model_id

    def drop_files(self, model_id: str) -> None:
        shutil.rmtree(self.folder(model_id), ignore_errors=True)

    def describe(self, path: Path) -> Artifact:
        """What is to be remembered of an artifact that was just written."""
        status = path.stat()
        return Artifact(path.name, _sha256(path), status.st_size, status.st_mtime_ns)

    def is_intact(self, model: ModelVersion) -> bool:
        """False where the file is missing or differs; an untouched file (same size and time) is not hashed again."""
        path = self.folder(model.id) / model.artifact.file
        try:
            status = path.stat()
        except OSError:
            return False
        if status.st_size != model.artifact.bytes:
            return False
        return status.st_mtime_ns == model.artifact.modified_ns or _sha256(path) == model.artifact.sha256

    def verified_file(self, model: ModelVersion) -> Path:
        """The artifact's path after hashing all of it; raises `ModelDamaged`."""
        path = self.folder(model.id) / model.artifact.file
        if not path.is_file():
            raise ModelDamaged(f"The file of model version {model.version} is missing; train it again or use another version.")
        if _sha256(path) != model.artifact.sha256:
            raise ModelDamaged(
                f"The file of model version {model.version} is damaged (its checksum differs); train it again or use another version."
            )
        return path


class Deployments:
    """The ledger: lines are only added. The last line says what is live."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self,
        transaction: Connection,
        model: ModelVersion,
        action: DeploymentAction,
        restores: int | None = None,
        *,
        by: str = "",
        reason: str = "",
        checks: tuple[Check, ...] = (),
    ) -> Deployment:
        """What it takes the place of is read here, in the same transaction."""
        last = transaction.execute(select(deployments.c.version).order_by(deployments.c.id.desc()).limit(1)).scalar_one_or_none()
        values = {
            "model_id": model.id, "version": model.version, "action": action.value, "at": datetime.now(UTC), "restores": restores,
            "by": by, "reason": reason, "replaced": last, "checks": _CHECKS.dump_python(checks, mode="json"),
        }  # fmt: skip
        return _deployment(transaction.execute(insert(deployments).values(**values).returning(deployments)).one())

    def all(self, transaction: Connection | None = None) -> list[Deployment]:
        """Newest first."""
        query = select(deployments).order_by(deployments.c.id.desc())
        with self._database.read(within=transaction) as connection:
            return [_deployment(row) for row in connection.execute(query)]

    def live(self) -> Deployment | None:
        with self._database.read() as connection:
            row = connection.execute(select(deployments).order_by(deployments.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _deployment(row)

    def newest_models(self) -> list[str]:
        """The ids of the models that were ever live and still exist, the latest first."""
        latest = func.max(deployments.c.id)
        query = select(deployments.c.model_id).join(models, models.c.id == deployments.c.model_id)
        query = query.group_by(deployments.c.model_id).order_by(latest.desc())
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def before(self, transaction: Connection) -> Deployment:
        """The deployment that a rollback puts back: what was live before, one step further each time, past models that were deleted.
        Raises `Conflict` at the start of the ledger."""
        standing = _standing(reversed(self.all(transaction)))
        if not standing:
            raise Conflict("Nothing has been deployed yet, so there is nothing to go back to.")
        existing = set(transaction.execute(select(models.c.id)).scalars())
        for each in reversed(standing[:-1]):
            if each.model_id in existing and each.model_id != standing[-1].model_id:
                return each
        raise Conflict("This is the first model that was deployed; there is nothing before it to go back to.")


def _standing(ledger: Iterable[Deployment]) -> list[Deployment]:
    """The deployments that were not rolled back, oldest first: a rollback takes off what stands above the one that it restores."""
    standing: list[Deployment] = []
    for each in ledger:
        if each.action is DeploymentAction.DEPLOY:
            standing.append(each)
        else:
            while standing and standing[-1].id != each.restores:
                standing.pop()
    return standing


def _deployment(row: Row[Any]) -> Deployment:
    return Deployment(
        id=row.id,
        model_id=row.model_id,
        version=row.version,
        action=DeploymentAction(row.action),
        at=row.at,
        restores=row.restores,
        by=row.by,
        reason=row.reason,
        replaced=row.replaced,
        checks=_CHECKS.validate_python(row.checks or ()),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
