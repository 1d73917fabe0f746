"""Truth against prediction, few enough to draw."""

from __future__ import annotations

from dashapp.training.why.seen import Seen, drawn

MOST_PAIRS = 400


def residual_pairs(seen: Seen, seed: int) -> tuple[tuple[float, float], ...]:
    """(truth, predicted) of rows drawn at random, in the table's order."""
    part = seen.at(drawn(len(seen), MOST_PAIRS, seed))
    return tuple(zip(part.y.astype(float).tolist(), part.output.tolist(), strict=True))
