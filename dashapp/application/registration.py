"""From a trained model to a version in the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from dashapp.application.services import Services
from dashapp.application.training import end_run
from dashapp.datasets.dataset import Dataset
from dashapp.errors import CannotTrain
from dashapp.models import artifact_format
from dashapp.models.compare import SCORE_METRICS
from dashapp.models.model import Artifact, ModelVersion
from dashapp.serving.predictor import compile_arrays
from dashapp.training.result import TrainedModel
from dashapp.training.run import Run, RunState, Stage

_ARTIFACT = "model.zip"


def register_model(services: Services, run_id: str, dataset: Dataset, trained: TrainedModel, training_s: float) -> ModelVersion:
    """Write the artifact, then give it a version and end its run in one transaction; nothing half-made is left where that fails."""
    model_id = model_id_of(run_id)
    folder = services.models.folder(model_id)
    folder.mkdir(parents=True)
    try:
        artifact_format.dump(trained, folder / _ARTIFACT, compile_arrays(trained))
        artifact = services.models.describe(folder / _ARTIFACT)
        with services.database.write() as transaction:
            run = services.runs.get(run_id, transaction)
            if run.is_cancel_requested and not run.is_best_kept:
                raise CannotTrain("The run was cancelled while its model was being kept.")
            model = _version(services, transaction, model_id, run, dataset, trained, artifact, training_s)
            services.models.add(transaction, model)
            _end(services, transaction, run, model, trained)
    except BaseException:
        services.models.drop_files(model_id)
        raise
    return model


def model_id_of(run_id: str) -> str:
    """A run makes one model at most, so that whoever ends a run knows which files to clear away."""
    return f"m{run_id}"


def _end(services: Services, transaction: Connection, run: Run, model: ModelVersion, trained: TrainedModel) -> None:
    """`succeeded`, or `cancelled` where the user asked to stop and keep the best so far."""
    state = RunState.CANCELLED if run.is_cancel_requested else RunState.SUCCEEDED
    finished = replace(run, stage=Stage.COMPLETE, percent=100.0)
    scores = trained.scores
    measured = {"metrics": scores.metrics, "baseline": scores.baseline, "intervals": scores.intervals}
    end_run(services, transaction, finished, state, model_id=model.id, result=measured)


def _version(
    services: Services,
    transaction: Connection,
    model_id: str,
    run: Run,
    dataset: Dataset,
    trained: TrainedModel,
    artifact: Artifact,
    training_s: float,
) -> ModelVersion:
    version = services.models.next_version(transaction)
    return ModelVersion(
        id=model_id,
        version=version,
        name=f"{trained.plan.target} · {trained.candidate}",
        run_id=run.id,
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        dataset_sha256=dataset.sha256,
        created_at=datetime.now(UTC),
        target=trained.plan.target,
        task=trained.plan.task,
        candidate=trained.candidate,
        labels=trained.labels,
        inputs=trained.inputs,
        metrics=trained.scores.metrics,
        baseline=trained.scores.baseline,
        score_name=trained.plan.score_name,
        score=trained.scores.metrics.get(SCORE_METRICS[trained.plan.task]),
        parameters=trained.record.members[0].setting,
        rows=trained.rows,
        seed=trained.plan.seed,
        training_s=round(training_s, 2),
        artifact=artifact,
        intervals=trained.scores.intervals,
        verdict=trained.scores.verdict,
        is_better=trained.scores.is_better,
        threshold=trained.record.threshold,
        bands=trained.record.bands,
        split=trained.plan.split,
        ties=trained.scores.ties,
        members=trained.record.members,
        reading=dataset.reading,
    )
