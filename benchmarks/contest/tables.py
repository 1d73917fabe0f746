"""The tables of the contest, each as the text of its CSV lines with a header, its target and its task.

Public ones lie in `tests/data` (their sources in `SOURCES.md` there) or come with scikit-learn; `made` ones are drawn here, for what
public tables seldom have: words, dates, many columns, rare positives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

DATA = Path(__file__).parents[2] / "tests" / "data"
BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"


@dataclass(frozen=True, slots=True)
class Table:
    """`frame` holds all but what is missing as text reads it; `parts` are the folders' worth of rows that only one side may see."""

    name: str
    target: str
    task: str
    read: Callable[[], pd.DataFrame]


def _file(name: str, target: str, task: str) -> Table:
    def read() -> pd.DataFrame:
        text = (DATA / name).read_text(encoding="utf-8-sig")
        separator = ";" if "semicolon" in name else ","
        return pd.read_csv(StringIO(text), sep=separator, dtype=str, keep_default_na=False)

    return Table(name.removesuffix(".csv"), target, task, read)


def _bundled(name: str, load: Callable[..., object], task: str) -> Table:
    def read() -> pd.DataFrame:
        bunch = load(as_frame=True)
        frame = bunch.frame.copy()  # type: ignore[attr-defined]
        if task != REGRESSION:
            names = bunch.target_names  # type: ignore[attr-defined]
            frame["target"] = [f"class {names[code]}" for code in frame["target"]]
        return frame.astype(str)

    return Table(name, "target", task, read)


def _reviews() -> pd.DataFrame:
    """Sentences whose words tell the class, with a number that helps a little."""
    random = np.random.default_rng(11)
    good = ["great", "lovely", "quick", "kind", "warm", "perfect", "happy", "sturdy", "bright", "fresh"]
    bad = ["broken", "late", "rude", "cold", "dull", "slow", "noisy", "torn", "bitter", "faulty"]
    plain = [
        f"{stem}{tail}"
        for stem in [
            "box",
            "cable",
            "lamp",
            "shirt",
            "phone",
            "table",
            "chair",
            "cup",
            "door",
            "bag",
            "shop",
            "day",
            "week",
            "order",
            "size",
        ]
        for tail in ("", "s")
    ]
    rows = []
    for _ in range(3_000):
        mood = random.random() < 0.4
        words = list(random.choice(plain, random.integers(6, 16)))
        hints = good if mood else bad
        others = bad if mood else good
        words += list(random.choice(hints, random.integers(0, 3))) + list(random.choice(others, random.integers(0, 2)))
        random.shuffle(words)
        rows.append((" ".join(words) + ".", round(float(random.gamma(2, 10) + 5 * mood), 2), "keeps" if mood else "returns"))
    return pd.DataFrame(rows, columns=["review", "price", "outcome"]).astype(str)


def _rentals() -> pd.DataFrame:
    """Counts by date and hour: a season, a weekly rhythm and a trend."""
    random = np.random.default_rng(12)
    at = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.sort(random.integers(0, 700 * 24, 8_000)), unit="h")
    day = at.dayofyear.to_numpy()
    warmth = 12 - 11 * np.cos(2 * np.pi * day / 365) + random.normal(0, 3, len(at))
    rush = np.isin(at.hour, (7, 8, 17, 18)) & (at.dayofweek < 5)
    expected = np.exp(
        2.5 + 0.05 * warmth + 0.9 * rush + 0.4 * (at.dayofweek >= 5) * (np.abs(at.hour - 14) < 4) + 0.0004 * np.arange(len(at)) / 10
    )
    frame = pd.DataFrame({"at": at.strftime("%Y-%m-%d %H:%M:%S"), "temperature": warmth.round(1), "rented": random.poisson(expected)})
    return frame.sample(frac=1.0, random_state=3).astype(str)


def _sensors() -> pd.DataFrame:
    """240 columns, of which twelve matter."""
    random = np.random.default_rng(13)
    x = random.normal(size=(2_500, 240))
    score = x[:, :6] @ random.normal(size=6) + x[:, 6] * x[:, 7] + np.abs(x[:, 8]) - np.where(x[:, 9] > 0.5, x[:, 10], x[:, 11])
    frame = pd.DataFrame(x.round(4), columns=[f"sensor_{number}" for number in range(240)])
    frame["fault"] = np.where(score + random.logistic(0, 1, len(x)) > 1, "yes", "no")
    return frame.astype(str)


def _frauds() -> pd.DataFrame:
    """1.4 % positives among 30,000 rows, with a shop of many names."""
    random = np.random.default_rng(14)
    n = 30_000
    shops = random.zipf(1.4, n) % 800
    risk = random.normal(0, 1.2, 800)[shops]
    amount, hour, age = random.lognormal(3, 1.2, n), random.integers(0, 24, n), random.exponential(400, n)
    country = random.choice(["DE", "FR", "GB", "US", "BR"], n, p=[0.4, 0.25, 0.15, 0.15, 0.05])
    score = risk + 0.8 * np.log1p(amount) - 0.004 * age + 1.2 * (hour < 5) + 1.5 * (country == "BR") * (amount > 60)
    is_fraud = score + random.logistic(0, 0.7, n) > np.quantile(score + random.logistic(0, 0.7, n), 0.986)
    columns = {
        "shop": [f"shop {code}" for code in shops],
        "amount": amount.round(2),
        "hour": hour,
        "account_age": age.round(0),
        "country": country,
    }
    return pd.DataFrame({**columns, "fraud": np.where(is_fraud, "yes", "no")}).astype(str)


TABLES = (
    _file("titanic.csv", "Survived", BINARY),
    _file("penguins.csv", "species", MULTICLASS),
    _file("telco_churn.csv", "Churn", BINARY),
    _file("california_housing.csv", "median_house_value", REGRESSION),
    _file("wine_red_semicolon.csv", "quality", MULTICLASS),
    _file("german_credit.csv", "default", BINARY),
    _file("auto_mpg_qmark.csv", "mpg", REGRESSION),
    _file("mushroom.csv", "type", BINARY),
    _file("student_mat_semicolon.csv", "G3", REGRESSION),
    _file("insurance.csv", "charges", REGRESSION),
    _file("car_evaluation.csv", "decision", MULTICLASS),
    _file("pima_diabetes.csv", "Outcome", BINARY),
    _file("iris.csv", "species", MULTICLASS),
    _bundled("breast cancer", datasets.load_breast_cancer, BINARY),
    _bundled("wine", datasets.load_wine, MULTICLASS),
    _bundled("digits", datasets.load_digits, MULTICLASS),
    _bundled("diabetes", datasets.load_diabetes, REGRESSION),
    Table("made: reviews", "outcome", BINARY, _reviews),
    Table("made: rentals", "rented", REGRESSION, _rentals),
    Table("made: sensors", "fault", BINARY, _sensors),
    Table("made: frauds", "fraud", BINARY, _frauds),
)
