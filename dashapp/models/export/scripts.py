"""The record of a training -> `train.py` and `predict.py`, which a data scientist reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashapp.datasets.dataset import ColumnKind
from dashapp.models.artifact_format import TRUSTED
from dashapp.models.export.exported import Exported
from dashapp.models.export.literals import PARTS, Group, Writer, identifiers, import_lines, literal, text, written
from dashapp.training import parts
from dashapp.training.features import CATEGORIES
from dashapp.training.run import InputColumn

CLASS_MEASURES = ("log_loss", "accuracy", "balanced_accuracy", "f1", "roc_auc")
VALUE_MEASURES = ("rmse", "mae", "r2")


def train_script(exported: Exported) -> str:
    """Reproduces the reported scores from `table.parquet` and `split.npz`, then fits the final model."""
    writer = Writer()
    writer.imports[PARTS] = {"Blend"}
    members = _members(exported, writer)
    known = CLASS_MEASURES if exported.record.plan.task.is_classification else VALUE_MEASURES
    return (
        _environment()
        .get_template("train.py.jinja")
        .render(
            exported=exported,
            members=members,
            columns={Code(constant): names for constant, names in writer.columns.items()},
            own_import=Code(import_lines({PARTS: writer.imports.pop(PARTS)})[0]),
            imports=_imports(writer.imports, is_classification=exported.record.plan.task.is_classification),
            kinds={column.name: _kind(column) for column in exported.model.inputs},
            reported={name: exported.scores.metrics[name] for name in known if name in exported.scores.metrics},
            is_binary=len(exported.model.labels) == 2,
        )
    )


def predict_script(exported: Exported) -> str:
    """Reads `model.skops` with a list of types and predicts the rows of a file."""
    return (
        _environment()
        .get_template("predict.py.jinja")
        .render(
            exported=exported,
            trusted=sorted({exported_name(name) for name in TRUSTED} - {None}),
            kinds={column.name: _kind(column) for column in exported.model.inputs},
            missing={column.name: list(column.missing_as) for column in exported.model.inputs if column.missing_as},
        )
    )


def exported_name(name: str) -> str | None:
    """How a type is called in an export: those of `training.parts` lie in `parts.py`; None for others of this project."""
    if name.startswith(f"{parts.__name__}."):
        return PARTS + name.removeprefix(parts.__name__)
    return None if name.startswith("dashapp.") else name


def libraries(exported: Exported) -> list[str]:
    """The distributions that the files need beyond the ones that are always there."""
    writer = Writer()
    _members(exported, writer)
    return ["lightgbm"] if any(module.split(".")[0] == "lightgbm" for module in writer.imports) else []


def _members(exported: Exported, writer: Writer) -> list[dict[str, object]]:
    """For each member a function's name and its lines, what `fit` takes beside rows and answers, and its weight.

    They are read off the fitted pipelines, so that the code says what was done and not what was meant.
    """
    blend = exported.blend
    found: list[dict[str, object]] = []
    names = identifiers([member.candidate for member in exported.record.members])
    for name, pipeline, weight in zip(names, blend.members, blend.weights, strict=True):
        writer.variables = {}
        steps = tuple(("", Group("(", (("", text(step)), ("", writer.variable(step, part))), ")")) for step, part in pipeline.steps)
        lines = [f"{variable} = {written(node, 4, len(variable) + 3)}" for variable, node in writer.variables.items()]
        lines.append(f"return {written(Group('Pipeline([', steps, '])'), 4, len('return '))}")
        found.append({"function": Code(name), "lines": [Code(line) for line in lines], "extra": _extra(pipeline, writer), "weight": weight})
    return found


def _extra(pipeline: Any, writer: Writer) -> Code:
    """LightGBM is told which columns hold codes of categories: those of the first block."""
    *_, (step, model) = pipeline.steps
    blocks = {name: columns for _, part in pipeline.steps if hasattr(part, "transformers") for name, _, columns in part.transformers}
    if type(model).__module__.split(".")[0] != "lightgbm" or CATEGORIES not in blocks:
        return Code("")
    return Code(f", {step}__categorical_feature=list(range(len({writer.constant(CATEGORIES, blocks[CATEGORIES])})))")


def _imports(needed: Mapping[str, Iterable[str]], *, is_classification: bool) -> list[Code]:
    measures = ("f1_score", "log_loss", "roc_auc_score") if is_classification else ()
    together = {module: set(names) for module, names in needed.items()}
    together.setdefault("sklearn.pipeline", set()).add("Pipeline")
    together["skops.io"] = {"dump", "load"}
    together["threadpoolctl"] = {"threadpool_limits"}
    if measures:
        together.setdefault("sklearn.metrics", set()).update(measures)
    return [Code(line) for line in import_lines(together)]


def _kind(column: InputColumn) -> str:
    return "number" if column.kind.is_numeric else "date" if column.kind is ColumnKind.DATETIME else "text"


class Code(str):
    """Python that this room wrote itself."""


@cache
def _environment() -> Environment:
    """For Python: what a template puts out went through `literal`, or it is refused."""
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_only_code,
    )
    environment.filters["literal"] = _literal
    return environment


def _literal(value: object, used: int = 0) -> Code:
    return Code(literal(value, 0, used))


def _only_code(value: object) -> object:
    if isinstance(value, Code):
        return value
    raise TypeError(f"A template of Python puts out {value!r}, which is not a literal.")
