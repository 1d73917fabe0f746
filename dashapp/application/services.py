"""The stores that the verbs work on, opened from settings in any process."""

from __future__ import annotations

from dataclasses import dataclass

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate as migrate_database
from dashapp.datasets.store import Datasets
from dashapp.events.store import EventLog
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.serving.ledger.store.challengers import Challengers
from dashapp.serving.ledger.store.feedback import Feedback
from dashapp.serving.ledger.store.predictions import Predictions
from dashapp.serving.live import Predictors
from dashapp.settings import Settings
from dashapp.training.store import Runs


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    log: EventLog
    datasets: Datasets
    runs: Runs
    models: Models
    deployments: Deployments
    samples: Samples
    requests: RequestCounts
    predictors: Predictors
    predictions: Predictions
    feedback: Feedback
    challengers: Challengers

    def close(self) -> None:
        self.database.close()


def open_services(settings: Settings, *, migrate: bool = True) -> Services:
    """Open the stores under `settings.home`; `migrate` brings the database to the newest schema first."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)  # what is uploaded is nobody else's business
    database = Database(settings.database)
    if migrate:
        migrate_database(database)
    models = Models(database, settings.home / "models")
    return Services(
        settings=settings,
        database=database,
        log=EventLog(database),
        datasets=Datasets(database, settings.home / "datasets"),
        runs=Runs(database),
        models=models,
        deployments=Deployments(database),
        samples=Samples(database, settings.sample_s),
        requests=RequestCounts(database),
        predictors=Predictors(models),
        predictions=Predictions(database),
        feedback=Feedback(database),
        challengers=Challengers(database),
    )
