"""The checks before a switch: whether a model can serve at all, and whether it is worse than what is live."""

from __future__ import annotations

from dashapp.application.services import Services
from dashapp.errors import ModelDamaged
from dashapp.models import artifact_format
from dashapp.models.artifact_format import load_held_out
from dashapp.models.compare import score_check
from dashapp.models.model import Check, Gate, ModelVersion
from dashapp.models.schema_change import schema_check
from dashapp.serving.ledger.kept import Search
from dashapp.serving.live import LivePredictor
from dashapp.serving.schema import example_row
from dashapp.serving.smoke import SMOKE, answers_check, latency_check, rows_check, smoke_check

FILE = "file"
# Rows of callers that are tried: of a whole day's traffic these tell what is sent.
RECENT_ROWS = 50


def file_check(model: ModelVersion) -> Check:
    """Said once the file was hashed and loaded."""
    return Check(FILE, True, f"The file of version {model.version} is whole (its checksum fits) and loads.")


def checked(services: Services, model: ModelVersion, live: ModelVersion | None) -> Gate:
    """`model` beside `live`; everything that serving it needs is loaded afterwards."""
    against = None if live is None else live.version
    try:
        mine = services.predictors.get(model)
        stored = artifact_format.load(services.models.folder(model.id) / model.artifact.file)
    except ModelDamaged as error:
        check = Check(FILE, False, error.message)
        return Gate((check,), False, f"Version {model.version} cannot serve. {error.message}", can_serve=False, against=against)
    smoke = smoke_check(mine.predictor, stored)
    checks = [file_check(model), answers_check(mine.predictor, stored), smoke]
    if smoke.passed:
        theirs = None if live is None else _loaded(services, live)
        checks += _beside(services, model, mine, live, theirs)
    return _gate(model, tuple(checks), against)


def _loaded(services: Services, live: ModelVersion) -> LivePredictor | None:
    """None where the live model's file was damaged this very moment."""
    try:
        return services.predictors.get(live)
    except ModelDamaged:
        return None


def _beside(
    services: Services, model: ModelVersion, mine: LivePredictor, live: ModelVersion | None, theirs: LivePredictor | None
) -> list[Check]:
    example = example_row(model.inputs)
    if live is None or theirs is None:
        return [latency_check(mine.predictor, example, None, example)]
    today = example_row(live.inputs)
    recent = [kept.inputs for kept in services.predictions.newest(RECENT_ROWS, Search(version=live.version))]
    is_successor = (model.task, model.target) == (live.task, live.target)
    return [
        schema_check(model, live),
        rows_check(mine.predictor, today, recent, is_successor=is_successor),
        latency_check(mine.predictor, example, theirs.predictor, today),
        score_check(model, live, *(load_held_out(services.models.folder(each.id) / each.artifact.file) for each in (model, live))),
    ]


def _gate(model: ModelVersion, checks: tuple[Check, ...], against: int | None) -> Gate:
    failed = [check for check in checks if not check.passed]
    said = " ".join(check.words for check in failed)
    if any(check.name == SMOKE for check in failed):
        return Gate(checks, False, f"Version {model.version} cannot serve. {said}", can_serve=False, against=against)
    if not failed:
        beside = "" if against is None else f" beside version {against}, which is live"
        return Gate(checks, False, f"Version {model.version} passes every check{beside}.", against=against)
    what = f"version {against}, which is live" if against is not None else "it should be"
    return Gate(checks, True, f"Version {model.version} is worse than {what}. {said}", against=against)
