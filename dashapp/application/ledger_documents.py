"""The JSON documents of the prediction ledger and of the challenger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashapp.database.times import iso
from dashapp.serving.ledger.kept import Challenger, Comparison, Difference, Found, KeptPrediction, LiveScore, Replayed


def kept_document(kept: KeptPrediction) -> dict[str, Any]:
    return asdict(kept) | {"at": iso(kept.at)}


def found_document(found: Found) -> dict[str, Any]:
    """`total` were made of what was asked for, `kept` of them are in the ledger."""
    return {
        "predictions": [kept_document(each) for each in found.predictions],
        "total": found.made,
        "kept": found.kept,
        "next_before": found.next_before,
    }


def score_document(score: LiveScore) -> dict[str, Any]:
    return asdict(score)


def replayed_document(replayed: Replayed) -> dict[str, Any]:
    members = ("version", "n", "same", "refused", "mean_change")
    return {name: getattr(replayed, name) for name in members} | {"differences": [_difference(each) for each in replayed.differences]}


def challenger_document(challenger: Challenger | None, comparison: Comparison | None) -> dict[str, Any]:
    """Both are null where no model challenges; the comparison alone where nothing is live."""
    current = None if challenger is None else asdict(challenger) | {"started_at": iso(challenger.started_at)}
    return {"challenger": current, "comparison": None if comparison is None else _comparison(comparison)}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    members = ("model_id", "version", "n", "agreeing", "mean_change", "judged")
    return {name: getattr(comparison, name) for name in members} | {
        "started_at": iso(comparison.started_at),
        "live": None if comparison.live is None else score_document(comparison.live),
        "challenger": None if comparison.challenger is None else score_document(comparison.challenger),
        "differences": [_difference(each) for each in comparison.differences],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "kept": kept_document(difference.kept),
        "prediction": difference.prediction,
        "probabilities": difference.probabilities,
        "change": difference.change,
    }
