"""The stores that the verbs work on, opened from settings in any process."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashapp.application.recent import Recent
from dashapp.database.engine import Database
from dashapp.database.migrate import migrate as migrate_database
from dashapp.datasets.store import Datasets
from dashapp.events.store import EventLog
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.alert_delivery import Messenger
from dashapp.monitoring.alert_message import address_of_alerts
from dashapp.monitoring.alert_outbox import Outbox, channel_of
from dashapp.monitoring.alert_store import AlertStore
from dashapp.monitoring.alert_watch import AlertWatch
from dashapp.monitoring.drift_store import DriftWindows
from dashapp.monitoring.milestone_store import Milestones
from dashapp.monitoring.rollups import Rollups
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
    drift_windows: DriftWindows
    outbox: Outbox
    alerts: AlertStore
    alert_watch: AlertWatch
    messenger: Messenger
    milestones: Milestones
    rollups: Rollups
    recent: Recent = field(default_factory=Recent)

    def close(self) -> None:
        self.messenger.close()
        self.database.close()


def open_services(settings: Settings, *, migrate: bool = True) -> Services:
    """Open the stores under `settings.home`; `migrate` brings the database to the newest schema first."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)  # what is uploaded is nobody else's business
    database = Database(settings.database)
    if migrate:
        migrate_database(database)
    models = Models(database, settings.home / "models")
    urls = settings.alert_urls.split()
    outbox = Outbox(database, [channel_of(url) for url in urls])
    alerts = AlertStore(database, outbox)
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
        drift_windows=DriftWindows(database),
        outbox=outbox,
        alerts=alerts,
        alert_watch=AlertWatch(),
        messenger=Messenger(outbox, alerts.get, urls, address_of_alerts(settings)),
        milestones=Milestones(database),
        rollups=Rollups(database),
    )
