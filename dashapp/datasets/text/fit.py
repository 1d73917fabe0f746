"""Too many or too few cells -> one row of the table's width: which cells to join, to drop or to split, by what each column holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashapp.datasets.text.shapes import ColumnModels

CERTAIN = 2.0  # the best way is then about seven times as likely as the next
_JOIN_COST, _DROP_COST, _SPLIT_COST, _LACK_COST, _LACK_AT_END_COST = 1.5, 0.5, 1.0, 2.5, 0.5
_CUT_COST = 6.0
_UNSHAPED_COST = 4.0  # numbers, dates and codes do not hold delimiters
_WHOLE_COST = 6.0  # to cut what is like the other cells as it stands
_GLUELESS_COST = 5.0
_HOPELESS = -1e6
_BLANK_AT_END = -1.5  # where more than one cell is missing: the row just stops
_MOST_COLUMNS = 300
_MOST_STEPS = 6_000
_FAR = 40
_TURNS = re.compile(r"(?<=[a-z0-9.!?)\"'])(?=[A-Z])|(?<=\w)(?=\W)|(?<=\W)(?=\w)|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=\d)")

_Way = tuple[float, tuple[str, ...], bool]  # score, cells, whether a cell was cut in two or joined


@dataclass(frozen=True, slots=True)
class Fit:
    """`margin` is how much better the row fits than the next best one; `is_padded`: it only lacked cells at its end.

    `is_cut`: the surplus at its end belonged nowhere and was left out.
    """

    cells: list[str]
    score: float
    margin: float
    is_padded: bool = False
    is_cut: bool = False


def fit(tokens: Sequence[str], models: ColumnModels, glue: str, quote: str) -> Fit:
    """The likeliest row of the width of `models` that the tokens can be read as; `glue` stands between cells that are joined."""
    surplus = len(tokens) - models.width
    if surplus == 0:
        return Fit(list(tokens), models.score(tokens), CERTAIN)
    if models.width > _MOST_COLUMNS or models.width * (abs(surplus) + 1) * abs(surplus) > _MOST_STEPS or models.rows < 3:
        return _plainly(tokens, models, glue)
    ways = _ways_of_many(tokens, models, glue) if surplus > 0 else _ways_of_few(tokens, models, quote)
    if not ways:
        return _plainly(tokens, models, glue)
    best = ways[0]
    margin = best[0] - ways[1][0] if len(ways) > 1 else CERTAIN
    padded = (*tokens, *[""] * -surplus) if surplus < 0 else None
    if padded is not None and margin < CERTAIN and models.score(padded) - _LACK_AT_END_COST > best[0] - CERTAIN:
        return Fit(list(padded), best[0], margin, is_padded=True)
    if surplus < 0 and margin < CERTAIN and best[1] != padded and best[2]:
        kept = _uncut(ways[:2], tokens)
        if kept is not None:
            return Fit(kept, models.score(kept), 0.0)
    is_cut = surplus > 0 and best[1] == tuple(tokens[: models.width])
    return Fit(list(best[1]), best[0], margin, best[1] == padded, is_cut)


def _plainly(tokens: Sequence[str], models: ColumnModels, glue: str) -> Fit:
    width = models.width
    if len(tokens) < width:
        return Fit([*tokens, *[""] * (width - len(tokens))], _HOPELESS, 0.0, is_padded=True)
    rest = [token for token in tokens[width - 1 :] if token.strip()]
    return Fit([*tokens[: width - 1], glue.join(rest)], _HOPELESS, 0.0)


def _ways_of_many(tokens: Sequence[str], models: ColumnModels, glue: str) -> list[_Way]:
    """The two best ways to make the row with cells joined, or dropped where they are blank."""
    width, surplus = models.width, len(tokens) - models.width
    states: list[list[list[_Way]]] = [[[] for _ in range(surplus + 1)] for _ in range(width + 1)]
    states[0][0] = [(0.0, (), False)]
    for column in range(width + 1):
        for extra in range(surplus + 1):
            ways = states[column][extra] = _two_best(states[column][extra])
            at = column + extra
            if not ways or at >= len(tokens):
                continue
            token = tokens[at]
            if extra < surplus and not token.strip():
                _extend(states[column][extra + 1], ways, (), -_DROP_COST)
            if column == width:
                continue
            _extend(states[column + 1][extra], ways, (token,), models[column].score(token))
            for more in range(1, surplus - extra + 1):
                together = tokens[at : at + more + 1]
                if not together[0].strip() or not together[-1].strip():
                    break
                for joined, cost in (
                    (glue.join(together), _UNSHAPED_COST if models[column].is_shaped else 0.0),
                    ("".join(together), _GLUELESS_COST),
                ):
                    score = models[column].score(joined) - _JOIN_COST * more - cost
                    _extend(states[column + 1][extra + more], ways, (joined,), score, changed=True)
    _extend(states[width][surplus], states[width][0], (), -_CUT_COST)
    return _two_best(states[width][surplus])


def _ways_of_few(tokens: Sequence[str], models: ColumnModels, quote: str) -> list[_Way]:
    """The two best ways to make the row with cells cut in two, or taken as missing."""
    width, lack = models.width, models.width - len(tokens)
    states: list[list[list[_Way]]] = [[[] for _ in range(lack + 1)] for _ in range(width + 1)]
    states[0][0] = [(0.0, (), False)]
    for column in range(width):
        for lacked in range(min(lack, column) + 1):
            ways = states[column][lacked] = _two_best(states[column][lacked])
            at = column - lacked
            if not ways:
                continue
            if lacked < lack:
                score = models[column].score("") - (_LACK_AT_END_COST if at == len(tokens) else _LACK_COST)
                if lack > 1 and at == len(tokens):
                    score = max(score, _BLANK_AT_END)
                _extend(states[column + 1][lacked + 1], ways, ("",), score)
            if at >= len(tokens):
                continue
            token = tokens[at]
            _extend(states[column + 1][lacked], ways, (token,), models[column].score(token))
            if lacked < lack and column + 2 <= width and token:
                cost = _SPLIT_COST if models[column].is_strange(token) else _SPLIT_COST + _WHOLE_COST
                for score, left, right in _cuts(token, models, column, quote):
                    _extend(states[column + 2][lacked + 1], ways, (left, right), score - cost, changed=True)
    return _two_best(states[width][lack])


def _extend(onto: list[_Way], ways: list[_Way], cells: tuple[str, ...], score: float, *, changed: bool = False) -> None:
    onto.extend((before + score, (*row, *cells), changed or was) for before, row, was in ways)


def _two_best(ways: list[_Way]) -> list[_Way]:
    best: list[_Way] = []
    for way in sorted(ways, key=lambda way: -way[0]):
        if not best or way[1] != best[0][1]:
            best.append(way)
        if len(best) == 2:
            break
    return best


def _cuts(token: str, models: ColumnModels, column: int, quote: str) -> list[tuple[float, str, str]]:
    """The two best ways to cut the token for this column and the next; a quote within it is where a border was."""
    left, right = models[column], models[column + 1]
    found = [
        (left.score(token[:cut]) + right.score(token[over:]) + gain, token[:cut], token[over:])
        for cut, over, gain in _places(token, quote, models, column)
    ]
    return sorted(dict.fromkeys(found), key=lambda one: -one[0])[:2]


def _places(token: str, quote: str, models: ColumnModels, column: int) -> Iterator[tuple[int, int, float]]:
    """Where to cut: the end of the left part, the beginning of the right one, and how much the place speaks for it."""
    if quote:
        for place in [found.start() for found in re.finditer(re.escape(quote), token)][:_FAR]:
            yield place, place + len(quote), 1.5
    for label in models[column].labels():
        if token.startswith(label):
            yield len(label), len(label), 0.0
    for label in models[column + 1].labels():
        if token.endswith(label):
            yield len(token) - len(label), len(token) - len(label), 0.0
    places = [found.start() for found in _TURNS.finditer(token)]
    for place in places if len(places) <= 2 * _FAR else places[:_FAR] + places[-_FAR:]:
        if 0 < place < len(token):
            yield place, place, 0.0


def _uncut(ways: list[_Way], tokens: Sequence[str]) -> list[str] | None:
    """Where it is certain which cell holds two values but not where to cut it: the cell as it stands, and a blank after it."""
    (_, one, _), (_, other, _) = ways[0], ways[-1]
    apart = [index for index in range(len(one)) if one[index] != other[index]]
    if len(one) != len(tokens) + 1 or len(apart) != 2 or apart[1] != apart[0] + 1:
        return None
    at = apart[0]
    return [*one[:at], tokens[at], "", *one[at + 2 :]] if tokens[at].startswith(one[at]) else None
