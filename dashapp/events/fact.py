"""The values of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    TRAINING_STARTED = "training_started"
    TRAINING_PROGRESS = "training_progress"
    TRAINING_COMPLETED = "training_completed"
    MODEL_DEPLOYED = "model_deployed"
    PREDICTION_MADE = "prediction_made"
    SYSTEM_ALERT = "system_alert"
    USER_ACTION = "user_action"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, before the log gave it an id. `subject` names what it is about by kind: `{"run": id}`."""

    type: EventType
    message: str
    subject: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A fact in the log."""

    id: int
    at: datetime
    type: EventType
    subject: Mapping[str, str]
    message: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventSearch:
    """Which events are asked for; what is empty or None asks for nothing. `text` is looked for without case in the message and, where it
    may be an id or a part of one, in those of the subject; `subject` is a kind and an id. Ids are above `after` and below `before`;
    `newest_first` says from which end."""

    types: tuple[EventType, ...] = ()
    text: str = ""
    subject: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int = 0
    before: int | None = None
    newest_first: bool = True
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FoundEvents:
    """In the order asked for. `next_id` asks for the next page (as `before`, or as `after` where the oldest come first), None at the
    end. A page may be shorter than asked for, even empty, where much had to be looked at."""

    events: tuple[Event, ...]
    next_id: int | None
