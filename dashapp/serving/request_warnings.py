"""The warnings of a whole request, for protocols that have one place for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dashapp.serving.predictor import RowPrediction


def request_warnings(ignored: Iterable[str], predictions: Sequence[RowPrediction]) -> list[dict[str, Any]]:
    """Those of a row name it, from 0; `ignored` are columns of the request that the model does not have, told once for all rows."""
    found: list[dict[str, Any]] = [
        {"code": "unknown_column", "column": name, "message": f"{name[:80]} is not a column of this model; it is ignored."}
        for name in ignored
    ]
    for row, prediction in enumerate(predictions):
        found.extend({"row": row, **warning} for warning in prediction.warnings)
    return found
