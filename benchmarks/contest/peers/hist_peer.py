"""scikit-learn's own gradient boosting with its defaults on one table: `hist_peer.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from table import Given


def main(folder: Path) -> None:
    given = Given.read(folder)
    words = [name for name in given.train if given.train[name].dtype.kind not in "if"]
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=float("nan"), encoded_missing_value=float("nan"), max_categories=250
    )
    columns = make_column_transformer((encoder, words), remainder="passthrough")
    kind = HistGradientBoostingRegressor if given.task == "regression" else HistGradientBoostingClassifier
    learner = make_pipeline(columns, kind(categorical_features=list(range(len(words))) or None, random_state=given.seed))
    learner.fit(given.train, given.y)
    if given.task == "regression":
        given.answer(learner.predict(given.test))
    else:
        given.answer(learner.predict_proba(given.test), [str(label) for label in learner.classes_])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
