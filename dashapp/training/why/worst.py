"""The test rows that the model got most wrong."""

from __future__ import annotations

import math

import numpy as np

from dashapp.training.features import records
from dashapp.training.result import WorstRow
from dashapp.training.why.mixing import Positions
from dashapp.training.why.seen import Seen

MOST_ROWS = 10


def worst_positions(seen: Seen) -> Positions:
    """Those with the greatest loss, worst first; none without any."""
    losses = seen.losses
    return np.array([at for at in np.argsort(-losses, kind="stable")[:MOST_ROWS] if losses[at] > 0], dtype=np.intp)


def worst_rows(seen: Seen) -> tuple[WorstRow, ...]:
    """In the order of `worst_positions`, without reasons."""
    part = seen.at(worst_positions(seen))
    values, losses, called = records(part.frame, part.inputs), part.losses, part.called if part.labels else None
    found = []
    for at in range(len(part)):
        row, loss = int(part.rows[at]) + 1, float(losses[at])
        if called is None:
            found.append(WorstRow(row, values[at], float(part.y[at]), float(part.output[at]), None, math.sqrt(loss)))
        else:
            code = int(part.y[at])
            found.append(WorstRow(row, values[at], part.labels[code], part.labels[called[at]], float(part.output[at, code]), loss))
    return tuple(found)
