"""The pipeline as a BentoML service; the file of the model is named by `BENCHMARK_MODEL`."""

from __future__ import annotations

import os
from typing import Annotated

import bentoml
import joblib
import numpy as np
import pandas as pd
from bentoml.validators import DataframeSchema


@bentoml.service(workers=int(os.environ.get("BENCHMARK_WORKERS", "1")))
class Reference:
    def __init__(self) -> None:
        self.pipeline = joblib.load(os.environ["BENCHMARK_MODEL"])

    @bentoml.api
    def predict(self, rows: Annotated[pd.DataFrame, DataframeSchema(orient="records")]) -> np.ndarray:
        return self.pipeline.predict_proba(rows)
