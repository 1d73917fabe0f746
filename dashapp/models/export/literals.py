"""Estimators and values -> the Python that makes them again.

Whatever a stranger wrote ends inside of a string literal. Only classes of the libraries below and of `training.parts` become names.
"""

from __future__ import annotations

import inspect
import json
import keyword
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import BaseCrossValidator
from sklearn.pipeline import Pipeline

from dashapp.training import parts

WIDTH = 120
PARTS = "parts"
_LIBRARIES = ("sklearn", "lightgbm")


@dataclass(frozen=True, slots=True)
class Group:
    """Something in brackets; each item has what stands before it (`"alpha="`, or nothing)."""

    opening: str
    items: tuple[tuple[str, Node], ...]
    closing: str

    def in_one_line(self) -> str:
        inner = ", ".join(before + _in_one_line(item) for before, item in self.items)
        comma = "," if self.opening == "(" and len(self.items) == 1 else ""
        return f"{self.opening}{inner}{comma}{self.closing}"


Node = str | Group


def literal(value: object, indent: int = 0, used: int = 0) -> str:
    """A plain value as Python."""
    return written(Writer().node(value), indent, used)


def written(node: Node, indent: int = 0, used: int = 0) -> str:
    """In one line where that fits after the `used` characters of the line, otherwise an item a line."""
    if isinstance(node, str):
        return node
    line = node.in_one_line()
    if len(line) + indent + used <= WIDTH or not node.items:
        return line
    inner = indent + 4
    items = [f"{' ' * inner}{before}{written(item, inner, len(before) + 1)},\n" for before, item in node.items]
    return f"{node.opening}\n{''.join(items)}{' ' * indent}{node.closing}"


def _in_one_line(node: Node) -> str:
    return node if isinstance(node, str) else node.in_one_line()


class Writer:
    """Turns estimators into code, and remembers what the code needs: `imports` (module -> names), `columns` (constant -> names of
    columns) and `variables` (name -> the pipeline of a block, which would be hard to read inside of another)."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}
        self.columns: dict[str, list[str]] = {}
        self.variables: dict[str, Node] = {}

    def node(self, value: object) -> Node:
        """Raises `TypeError` for what has no literal."""
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int):
            return repr(value)
        if isinstance(value, float):
            return repr(value) if math.isfinite(value) else "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list | tuple):
            opening, closing = "[]" if isinstance(value, list) else "()"
            return Group(opening, tuple(("", self.node(item)) for item in value), closing)
        if isinstance(value, Mapping):
            return Group("{", tuple((f"{_in_one_line(self.node(key))}: ", self.node(item)) for key, item in value.items()), "}")
        return self._made(value)

    def _made(self, value: object) -> Node:
        if isinstance(value, np.ndarray):
            return Group("np.array(", (("", self.node(value.tolist())), ("dtype=", text(value.dtype.str))), ")")
        if isinstance(value, type) and issubclass(value, np.generic):
            return f"np.{value.__name__}"
        if isinstance(value, BaseEstimator | BaseCrossValidator):
            return self._constructed(value)
        if isinstance(value, type) or inspect.isfunction(value):
            return self._name(value)
        raise TypeError(f"A {type(value).__name__} cannot be written as code.")

    def _constructed(self, estimator: Any) -> Node:
        """The call of its constructor with what differs from the defaults; what it has learned is left behind."""
        defaults = {name: parameter.default for name, parameter in inspect.signature(type(estimator).__init__).parameters.items()}
        given = {
            name: value for name, value in _parameters(estimator).items() if name not in defaults or not _is_same(value, defaults[name])
        }
        ordered = sorted(given, key=lambda name: list(defaults).index(name) if name in defaults else len(defaults))
        arguments = []
        for name in ordered:
            is_columns = isinstance(estimator, ColumnTransformer) and name == "transformers"
            # Lists of steps read better without their name, as everybody writes them.
            before = "" if name == ordered[0] and name in ("steps", "transformers", "transformer_list") else f"{name}="
            arguments.append((before, self._transformers(given[name]) if is_columns else self.node(given[name])))
        return Group(f"{self._name(type(estimator))}(", tuple(arguments), ")")

    def _transformers(self, blocks: Iterable[tuple[str, Any, Any]]) -> Node:
        rows = []
        for name, block, columns in blocks:
            code = self.variable(name, block) if isinstance(block, Pipeline) else self.node(block)
            rows.append(("", Group("(", (("", text(name)), ("", code), ("", self.constant(name, columns))), ")")))
        return Group("[", tuple(rows), "]")

    def variable(self, name: str, value: object) -> str:
        """The variable that holds it, called after the block or step."""
        (chosen,) = identifiers([name])
        code = self.node(value)
        while self.variables.setdefault(chosen, code) != code:
            chosen += "_"
        return chosen

    def constant(self, name: str, columns: Any) -> str:
        """The constant that holds these columns, called after the block."""
        if isinstance(columns, str):
            return text(columns)
        wanted = [str(column) for column in columns]
        constant = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name).upper()
        constant = constant if constant[:1].isalpha() else f"COLUMNS_{constant}"
        number = 1
        chosen = constant
        while self.columns.setdefault(chosen, wanted) != wanted:
            number += 1
            chosen = f"{constant}_{number}"
        return chosen

    def _name(self, thing: Any) -> str:
        """Imports a class or a function from the most public module that has it."""
        module = "" if thing.__module__ is None else str(thing.__module__)
        if module == parts.__name__:
            public = PARTS
        elif module.split(".")[0] in _LIBRARIES:
            public = _public_module(module, thing)
        else:
            raise TypeError(f"{module}.{thing.__qualname__} is not part of what an export may use.")
        self.imports.setdefault(public, set()).add(thing.__name__)
        return str(thing.__name__)


def text(value: str) -> str:
    """A string literal in double quotes; signs that cannot be seen, or that turn the text around, are written as escapes."""
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else '"' + ascii(value)[1:-1].replace('"', '\\"') + '"'


def import_lines(imports: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]


def identifiers(names: Sequence[str]) -> list[str]:
    """Function names for these candidates, no two the same."""
    found: list[str] = []
    for name in names:
        plain = "_".join("".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name.lower()).split())
        plain = plain if plain[:1].isalpha() else f"member_{plain}".rstrip("_")
        plain = f"{plain}_" if keyword.iskeyword(plain) else plain
        number = 1
        chosen = plain
        while chosen in found:
            number += 1
            chosen = f"{plain}_{number}"
        found.append(chosen)
    return found


def _public_module(module: str, thing: Any) -> str:
    pieces = module.split(".")
    for length in range(1, len(pieces) + 1):
        candidate = ".".join(pieces[:length])
        if getattr(sys.modules.get(candidate), thing.__name__, None) is thing:
            return candidate
    raise TypeError(f"{module}.{thing.__qualname__} cannot be imported by its name.")


def _parameters(estimator: Any) -> dict[str, Any]:
    if isinstance(estimator, BaseEstimator):
        return dict(estimator.get_params(deep=False))
    names = list(inspect.signature(type(estimator).__init__).parameters)[1:]
    return {name: getattr(estimator, name) for name in names}


def _is_same(value: object, default: object) -> bool:
    if isinstance(value, float) and isinstance(default, float) and math.isnan(value) and math.isnan(default):
        return True
    return value is default or (type(value) is type(default) and isinstance(value, bool | int | float | str | tuple) and value == default)
