"""What a live client is sent, frame by frame, whatever carries it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dashapp.application.documents import event_document, run_document
from dashapp.application.services import Services
from dashapp.database.times import iso
from dashapp.events.fact import Event, EventType
from dashapp.events.live import Tail
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.serving.live import LiveModel

FRAME_S = 0.1
# After a frame of snapshots alone: a page needs longer to draw one than to take in an event, and would do nothing else.
SNAPSHOT_S = 0.2
BATCH = 500
REMEMBERED = timedelta(minutes=1)
IDLE_S = 1.0


class LiveFeed:
    """One per process: follows the log, keeps the newest snapshots of unfinished runs and of the metrics, and swaps the live model."""

    def __init__(self, services: Services, live_model: LiveModel) -> None:
        self._services, self._live_model = services, live_model
        self._runs: dict[str, dict[str, Any]] = {}
        self._points: dict[str, list[dict[str, Any]]] = {}
        self._resources: dict[str, list[dict[str, Any]]] = {}
        self._metrics: dict[str, Any] | None = None
        self.tail = Tail(services.database, services.log, self._notice)

    def _notice(self, events: Sequence[Event]) -> None:
        if any(event.type is EventType.MODEL_DEPLOYED or event.data.get("action") == "model_deleted" for event in events):
            self._live_model.refresh()
        self._metrics = latest_snapshot(self._services.samples)
        ended = [event.subject["run"] for event in events if event.type is EventType.TRAINING_COMPLETED]
        for run in [*self._services.runs.unfinished(), *(self._services.runs.get(run_id) for run_id in ended)]:
            points, resources = self._points.setdefault(run.id, []), self._resources.setdefault(run.id, [])
            points.extend(self._services.runs.points(run.id, after=len(points)))
            resources.extend(self._services.runs.resources(run.id, after=len(resources)))
            self._runs[run.id] = run_document(run)
        self._forget()

    def _forget(self) -> None:
        """Let go of runs that ended long enough ago for every client to have heard of it."""
        for run_id, document in list(self._runs.items()):
            if document["ended_at"] and document["ended_at"] < iso(datetime.now(UTC) - REMEMBERED):
                del self._runs[run_id], self._points[run_id], self._resources[run_id]

    def frames(self, after: int, is_open: Callable[[], bool]) -> Iterator[bytes | None]:
        """JSON frames for one client from event id `after` on, at most one each `FRAME_S` (`SNAPSHOT_S` after one without events);
        None where there was no news for `IDLE_S`.

        Every event comes once and in order, at most 500 in a frame; snapshots only where they differ from the last one sent.
        """
        sent = _Sent(after)
        generation = -1
        while is_open() and not self.tail.is_over:
            generation = self.tail.wait(generation, IDLE_S)
            frame = self._frame(sent)
            yield None if frame is None else orjson.dumps(frame, option=orjson.OPT_SERIALIZE_NUMPY)
            if frame is not None:
                if len(frame["events"]) == BATCH:
                    generation -= 1
                time.sleep(FRAME_S if frame["events"] else SNAPSHOT_S)

    def _frame(self, sent: _Sent) -> dict[str, Any] | None:
        events = self.tail.since(sent.last_id, BATCH)
        frame: dict[str, Any] = {"after": sent.last_id, "last_id": sent.last_id, "events": [event_document(event) for event in events]}
        if events:
            frame["last_id"] = sent.last_id = events[-1].id
        metrics = self._metrics
        if metrics is not None and metrics["at"] != sent.metrics_at:
            frame["metrics"] = metrics
            sent.metrics_at = metrics["at"]
        runs = self._news_of_runs(sent)
        if runs:
            frame["runs"] = runs
        return frame if events or "metrics" in frame or runs else None

    def _news_of_runs(self, sent: _Sent) -> dict[str, Any]:
        news = {}
        for run_id, document in list(self._runs.items()):
            version, number, used = sent.runs.get(run_id, (-1, 0, 0))
            if document["version"] == version:
                continue
            points, resources = self._points.get(run_id, [])[number:], self._resources.get(run_id, [])[used:]
            number, used = number + len(points), used + len(resources)
            news[run_id] = document | {"curves": points, "curves_after": number, "resources": resources, "resources_after": used}
            sent.runs[run_id] = (document["version"], number, used)
        return news


class _Sent:
    """What one client has been sent; of each run the version and how many points."""

    def __init__(self, last_id: int) -> None:
        self.last_id = last_id
        self.metrics_at: str | None = None
        self.runs: dict[str, tuple[int, int, int]] = {}
