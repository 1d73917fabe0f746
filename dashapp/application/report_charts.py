"""The charts of the report: points become shapes of an SVG 100 wide and 30 high, which the template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashapp.application.timeline import Marker
from dashapp.monitoring.history import Point

WIDTH, HEIGHT = 100.0, 30.0
MOST_POINTS = 240
_HEADROOM = 1.08


@dataclass(frozen=True, slots=True)
class Mark:
    """A line at `x`, for something that happened."""

    x: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` and `bands` are coordinates for SVG, one for each stretch without a gap; `top` is what the upper edge stands for."""

    title: str
    words: str
    top: str
    first: str
    last: str
    lines: tuple[str, ...]
    bands: tuple[str, ...]
    marks: tuple[Mark, ...] = ()


def chart(metric: str, unit: str, points: Sequence[Point], start: datetime, end: datetime, marks: Sequence[Marker]) -> Chart | None:
    """None where nothing was measured. `start` and `end` are the sides of the drawing."""
    known = [point for point in points if point.mean is not None]
    if not known:
        return None
    most = max(_high(point) for point in known)
    top = min(most * _HEADROOM, 100.0) if unit == "%" and most <= 100 else most * _HEADROOM
    top = top or 1.0
    begin, seconds = start.timestamp(), max((end - start).total_seconds(), 1.0)

    def x(at: float) -> str:
        return f"{min(max((at - begin) / seconds, 0.0), 1.0) * WIDTH:.2f}"

    def y(value: float) -> str:
        return f"{HEIGHT - max(value, 0.0) / top * HEIGHT:.2f}"

    stretches = _stretches(points)
    mean = sum(point.mean or 0.0 for point in known) / len(known)
    return Chart(
        title=metric,
        words=f"{figure(mean, unit)} on average, {figure(most, unit)} at most",
        top=figure(top, unit),
        first=day(start),
        last=day(end),
        lines=tuple(" ".join(f"{x(point.at)},{y(point.mean or 0.0)}" for point in _wide(stretch)) for stretch in stretches),
        bands=tuple(
            " ".join(
                [
                    *(f"{x(point.at)},{y(_high(point))}" for point in stretch),
                    *(f"{x(point.at)},{y(_low(point))}" for point in reversed(stretch)),
                ]
            )
            for stretch in stretches
        ),
        marks=tuple(Mark(x(each.at.timestamp()), each.kind, each.words) for each in marks),
    )


def _stretches(points: Sequence[Point]) -> list[list[Point]]:
    """The points that are known, cut at every gap."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point.mean is not None:
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if stretch]


def _wide(stretch: list[Point]) -> list[Point]:
    """A single point is drawn as a dot: a line from it to itself, with round ends."""
    return stretch * 2 if len(stretch) == 1 else stretch


def _high(point: Point) -> float:
    return max(each for each in (point.mean, point.high, 0.0) if each is not None)


def _low(point: Point) -> float:
    return min(each for each in (point.mean, point.low) if each is not None)


def figure(value: float, unit: str) -> str:
    """A measured number in its unit, with the figures that matter."""
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 or size == 0 else f"{value:.1f}" if size >= 1 else f"{value:.2g}"
    return f"{text} {unit}" if unit else text


def day(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %H:%M}".lstrip("0")
