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
