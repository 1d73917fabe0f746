"""Keeps the allowance of time: how fast the model predicts, how much fits in what is left, and how far the work is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import ceil

import numpy as np
import pandas as pd

from dashapp.training.features import FloatArray
from dashapp.training.why.mixing import Columns, Positions, Predict, columns_of, mixed, rows_at_once

_TRIED_ROWS = 200
_LONGEST_CALL_S = 0.2
_LONGEST_CALL_SHARE = 0.04
_BETWEEN_MESSAGES_S = 0.2


class Watch:
    """`predict` measures itself with each call; `left()` is what remains of `seconds`, counted from the creation of this value.

    A moment or a deadline is a reading of `clock`. `tell` hears at most five messages a second, with a share that never falls; after
    each call of the model it hears the last one again, so that it is never long without one.
    """

    def __init__(
        self, predict: Predict, columns: int, seconds: float, clock: Callable[[], float], tell: Callable[[str, float], None]
    ) -> None:
        self._model, self._columns, self._clock, self._tell = predict, columns, clock, tell
        self._seconds, self._ends = seconds, clock() + seconds
        self._call_s, self._row_s = 0.0, 0.0
        self._window, self._said_at, self._share = (0.0, 1.0), -1e9, 0.0
        self._saying = ("", 0.0)

    def measure(self, frame: pd.DataFrame) -> None:
        """Times one row and then a few hundred; the first call of all is not counted, as it may set things up."""
        self.predict(frame.iloc[:1])
        began = self._clock()
        self._model(frame.iloc[:1])
        self._call_s = self._clock() - began
        tried = np.arange(min(_TRIED_ROWS, len(frame)))
        self.predict_mixed(columns_of(frame.iloc[: len(tried)]), tried, {})

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """What the model says, finite in any case."""
        return self._timed(len(frame), lambda: frame)

    def predict_mixed(self, columns: Columns, take: Positions, own: Mapping[str, Positions]) -> FloatArray:
        """What the model says of rows made of other rows (see `mixing`); making them counts as part of the time."""
        parts, low = [], 0
        while low < len(take):
            part = slice(low, low + self.at_once)
            mine = {name: positions[part] for name, positions in own.items()}
            parts.append(self._timed(len(take[part]), partial(mixed, columns, take[part], mine)))
            low += len(take[part])
        return np.concatenate(parts)

    def _timed(self, rows: int, build: Callable[[], pd.DataFrame]) -> FloatArray:
        began = self._clock()
        output = np.nan_to_num(np.asarray(self._model(build()), dtype=np.float64))
        if rows >= _TRIED_ROWS // 4:
            found = max(0.0, self._clock() - began - self._call_s) / rows
            self._row_s = found if self._row_s == 0 else (self._row_s + found) / 2
        self.say(*self._saying)
        return output

    @property
    def at_once(self) -> int:
        """How many rows a call may take without filling the memory or taking long beyond a deadline."""
        longest = max(_LONGEST_CALL_S, _LONGEST_CALL_SHARE * self._seconds)
        bearable = longest / self._row_s if self._row_s > 0 else float("inf")
        return int(max(100, min(rows_at_once(self._columns), bearable)))

    def seconds_for(self, rows: int) -> float:
        return ceil(rows / self.at_once) * self._call_s + rows * self._row_s

    def rows_in(self, seconds: float) -> int:
        """How many rows can be predicted in so many seconds; a large number where the model takes no time at all."""
        each = self._row_s + self._call_s / self.at_once
        return int(min(1e9, max(0.0, seconds) / each)) if each > 0 else 10**9

    def left(self, deadline: float | None = None) -> float:
        return (self._ends if deadline is None else deadline) - self._clock()

    def deadline(self, share: float) -> float:
        """The moment at which this share of what is left will be used up."""
        return self._clock() + share * max(0.0, self.left())

    def fits(self, rows: int, deadline: float) -> bool:
        return self.seconds_for(rows) <= self.left(deadline)

    def begin(self, message: str, low: float, high: float) -> None:
        """From here on the work lies between these shares of the whole."""
        self._window, self._said_at = (low, high), -1e9
        self.say(message, 0.0)

    def say(self, message: str, done: float) -> None:
        """`done` (0 to 1) is the part of the work since `begin`."""
        now, self._saying = self._clock(), (message, done)
        if now - self._said_at < _BETWEEN_MESSAGES_S:
            return
        low, high = self._window
        self._said_at, self._share = now, max(self._share, low + (high - low) * min(1.0, max(0.0, done)))
        self._tell(message, self._share)
