"""Values and estimators become code that makes the same again, and never anything else."""

from __future__ import annotations

import ast
import math
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from dashapp.models.export.literals import WIDTH, Writer, identifiers, import_lines, literal, text, written
from dashapp.training.parts import DateParts

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(PLAIN)
def test_a_plain_value_is_read_back_as_it_was(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text(st.characters()))
def test_text_stays_one_literal_on_one_line(value: str) -> None:
    code = text(value)
    assert ast.literal_eval(code) == value
    assert code.isprintable()


@pytest.mark.parametrize(
    "value", ['"); import os #', "'''", '"""', "\\", '\\"', "a\nb", "\u202eabc", "\ud800", "{{ 7 * 7 }}", "🙂 'x' \"y\""]
)
def test_hostile_text_is_a_string_and_nothing_else(value: str) -> None:
    tree = ast.parse(text(value), mode="eval").body
    assert isinstance(tree, ast.Constant) and tree.value == value


def test_numbers_without_a_literal_of_their_own() -> None:
    values = eval(literal([math.nan, math.inf, -math.inf, np.float64(0.1), np.int64(3)]), {"np": np})
    assert math.isnan(values[0]) and values[1:] == [math.inf, -math.inf, 0.1, 3]


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(C=0.1, max_iter=200),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=-1),
        OneHotEncoder(dtype=np.float32, categories=[["a", "b"]]),
        TargetEncoder(cv=KFold(5, shuffle=True, random_state=3)),
        LGBMClassifier(n_estimators=7, verbose=-1, deterministic=True),
        Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())], memory=None),
        DateParts(),
    ],
)
def test_an_estimator_is_made_again_with_the_same_settings(estimator: object) -> None:
    made = run(estimator)
    assert type(made).__name__ == type(estimator).__name__
    assert repr(made) == repr(estimator)


def test_a_fitted_estimator_leaves_what_it_learned_behind() -> None:
    fitted = LogisticRegression(C=2.0).fit([[0.0], [1.0]], ["no", "yes"])
    assert written(Writer().node(fitted)) == "LogisticRegression(C=2.0)"


def test_columns_become_constants_and_pipelines_of_blocks_variables() -> None:
    blocks = [("many words", Pipeline([("scale", StandardScaler())]), ["a"]), ("b", "passthrough", ['"); import os #'])]
    writer = Writer()
    code = written(writer.node(ColumnTransformer(blocks)))
    assert writer.columns == {"MANY_WORDS": ["a"], "B": ['"); import os #']}
    assert list(writer.variables) == ["many_words"]
    assert "import os" not in code and "MANY_WORDS" in code
    assert writer.constant("many words", ["other"]) == "MANY_WORDS_2"


@pytest.mark.parametrize("value", [object(), subprocess.run, subprocess.Popen, eval, lambda: 0, {1, 2}])
def test_what_is_not_of_the_libraries_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        Writer().node(value)


def test_long_lines_are_broken() -> None:
    code = literal({f"column {number}": "number" for number in range(50)})
    assert max(map(len, code.splitlines())) <= WIDTH and len(code.splitlines()) == 52


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Logistic regression"], ["logistic_regression"]),
        (["Forest", "Forest", "Forest"], ["forest", "forest_2", "forest_3"]),
        (['"); import os #', "3 trees", "", "é"], ["import_os", "member_3_trees", "member", "member_2"]),
        (["class", "lambda"], ["class_", "lambda_"]),
    ],
)
def test_names_of_candidates_become_identifiers(names: list[str], expected: list[str]) -> None:
    assert identifiers(names) == expected


def run(estimator: object) -> object:
    """The estimator that its code makes."""
    writer = Writer()
    code = written(writer.node(estimator))
    space: dict[str, object] = {"np": np}
    for line in import_lines(writer.imports):
        exec(line.replace("from parts ", "from dashapp.training.parts "), space)
    return eval(code, space)
