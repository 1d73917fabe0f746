"""Values that have an order of their own: the points of a rating, and the words of the scales that people answer on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dashapp.datasets.columns.naming import name_tokens

MIN_LEVELS, MAX_LEVELS = 3, 10
_TIMES_REPEATED = 20
_RATING_NAMES = frozenset(
    {"rating", "rate", "stars", "star", "score", "grade", "quality", "satisfaction", "level", "priority", "severity", "rank", "likert"}
    | {"agreement", "importance", "difficulty", "performance", "tier", "health", "condition", "stage", "pain", "overall", "education"}
)
# Numbers under such names are codes, dates or counts: their order says nothing, or there is nothing to rate.
_NO_RATING = frozenset(
    {
        "id",
        "code",
        "type",
        "group",
        "cluster",
        "region",
        "zone",
        "district",
        "category",
        "day",
        "weekday",
        "month",
        "week",
        "hour",
        "quarter",
    }
    | {
        "class",
        "label",
        "target",
        "species",
        "season",
        "year",
        "fold",
        "split",
        "batch",
        "store",
        "shop",
        "count",
        "number",
        "num",
        "no",
        "n",
        "children",
        "rooms",
        "cylinders",
    }
)

# From the lowest to the highest; words that mean the same stand together.
_SCALES: tuple[tuple[str, ...], ...] = (
    ("none", "very low", "low", "medium|moderate|mid|normal|average", "high", "very high|extreme|critical"),
    ("minor", "moderate|major", "severe|critical"),
    ("mild", "moderate", "severe"),
    ("very poor", "poor", "fair|average|ok|acceptable", "good", "very good", "excellent|outstanding"),
    ("terrible|awful", "very bad", "bad", "average|neutral|ok|fair", "good", "very good|great", "excellent"),
    ("fair", "good", "very good", "premium", "ideal"),
    ("never", "very rarely", "rarely|seldom", "occasionally|sometimes", "often|frequently", "usually|very often", "always"),
    (
        "strongly disagree|completely disagree",
        "disagree",
        "somewhat disagree|slightly disagree",
        "neutral|neither agree nor disagree|undecided",
        "somewhat agree|slightly agree",
        "agree",
        "strongly agree|completely agree",
    ),
    (
        "very dissatisfied|very unsatisfied",
        "dissatisfied|unsatisfied",
        "somewhat dissatisfied",
        "neutral|neither satisfied nor dissatisfied",
        "somewhat satisfied",
        "satisfied",
        "very satisfied",
    ),
    ("very unlikely", "unlikely", "neutral|possible", "likely", "very likely"),
    ("not important|unimportant", "slightly important", "moderately important", "important", "very important", "extremely important"),
    ("not at all", "slightly|a little", "somewhat|moderately", "very|very much|quite", "extremely"),
    ("tiny", "small", "medium", "large|big", "extra large|huge|very large"),
    ("xxs", "xs", "s", "m", "l", "xl", "xxl|2xl", "xxxl|3xl"),
    ("short", "medium", "long"),
    ("slow", "medium", "fast"),
    ("cold", "cool|mild", "warm", "hot"),
    ("young", "middle-aged|middle aged", "old"),
    ("beginner|novice", "intermediate", "advanced", "expert"),
    ("junior", "mid|intermediate", "senior", "lead|principal"),
    ("bronze", "silver", "gold", "platinum", "diamond"),
    ("basic", "standard", "premium"),
    ("first|1st", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th"),
)
_RANKS = tuple({word: rank for rank, words in enumerate(scale) for word in words.split("|")} for scale in _SCALES)


def levels_of_numbers(name: str, numbers: Sequence[float], rows: int) -> tuple[str, ...]:
    """The points where the different `numbers` (ascending) are 1 to k or 0 to k, as those of a rating; else none."""
    if not MIN_LEVELS <= len(numbers) <= MAX_LEVELS + 1 or numbers[0] not in (0, 1):
        return ()
    if any(number != numbers[0] + place for place, number in enumerate(numbers)) or numbers[-1] > MAX_LEVELS:
        return ()
    tokens = set(name_tokens(name))
    is_named = bool(tokens & _RATING_NAMES)
    if not is_named and (tokens & _NO_RATING or numbers[0] == 0 or rows < _TIMES_REPEATED * len(numbers)):
        return ()
    return tuple(str(int(number)) for number in numbers)


def levels_of_words(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels from the lowest to the highest where all of them are of one known scale; else none."""
    if not MIN_LEVELS <= len(labels) <= MAX_LEVELS:
        return ()
    keys = [re.sub(r"[\s_]+", " ", label.casefold()).strip() for label in labels]
    for ranks in _RANKS:
        places = [ranks.get(key) for key in keys]
        if None not in places and len(set(places)) == len(places):
            return tuple(label for _, label in sorted(zip(places, labels, strict=True), key=lambda pair: pair[0] or 0))
    return ()


def in_natural_order(labels: Sequence[str]) -> tuple[str, ...]:
    """By the numbers in them, and otherwise by the alphabet: for a rating that somebody said is one."""
    return levels_of_words(labels) or tuple(sorted(labels, key=_natural))


def _natural(label: str) -> tuple[tuple[float, str], ...]:
    return tuple((float(part), "") if part.isdecimal() else (-1.0, part.casefold()) for part in re.split(r"(\d+)", label) if part)
