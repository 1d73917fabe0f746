"""A version as it is kept in the database."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from dashapp.models.model import ModelVersion
from dashapp.training.result import Bands, Member, Threshold
from dashapp.training.run import SplitKind, SplitPlan
from tests.web.pages_values import a_model

DOCUMENT = TypeAdapter(ModelVersion)
NEW = ("intervals", "verdict", "is_better", "threshold", "bands", "split", "ties", "members")


def test_a_version_of_an_older_program_is_still_read() -> None:
    document: dict[str, Any] = DOCUMENT.dump_python(a_model(1), mode="json")
    older = {name: value for name, value in document.items() if name not in NEW}
    for column in older["inputs"]:
        del column["many"]
    found = DOCUMENT.validate_python(older)
    assert found == a_model(1) and found.split.kind is SplitKind.RANDOM and found.members == ()


def test_what_the_training_left_is_kept() -> None:
    model = a_model(
        2,
        intervals={"roc_auc": (0.85, 0.93)},
        verdict="23 points better than guessing",
        is_better=False,
        threshold=Threshold("yes", 0.3, "F1", 0.4, 0.6),
        bands=Bands(0.9, (1.0,), (-1.0, -2.0), (1.0, 2.0), 0.91),
        split=SplitPlan(SplitKind.TIME, "day", "The rows have an order."),
        ties=("Forest",),
        members=(Member("Forest", {"n_estimators": 50}, 0.25), Member("Gradient boosting", {"rate": 0.1}, 0.75)),
    )
    assert DOCUMENT.validate_python(DOCUMENT.dump_python(model, mode="json")) == model
