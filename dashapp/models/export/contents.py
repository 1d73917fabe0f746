"""The files of an export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import numpy as np

from dashapp.models.export.archive import Entry, entry, opened
from dashapp.models.export.card import model_card
from dashapp.models.export.exported import Exported, Parts
from dashapp.models.export.scripts import libraries, predict_script, train_script
from dashapp.training import parts

ALWAYS = ("numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops", "threadpoolctl")
EXAMPLE_ROWS = 3

_CURL = """\
#!/bin/sh
# Asks the product that this model comes from. Deploy the model there first ("Use This Model").
# HOST is where it listens; TOKEN is its DASHAPP_TOKEN, where it has one.
HOST="${HOST:-http://127.0.0.1:8050}"
set -- --fail-with-body --silent --show-error ${TOKEN:+--header "Authorization: Bearer $TOKEN"}
cd "$(dirname "$0")" || exit 1

echo "A row as JSON:"
curl "$@" --header "Content-Type: application/json" --data-binary @example.json "$HOST/api/predict"
echo
echo "Rows as CSV:"
curl "$@" --header "Content-Type: text/csv" --data-binary @example.csv "$HOST/api/predict"
"""

_README = """\
# A model that works without the product that made it

- `model_card.html`: what it predicts, how well, how it was made and where its limits are. Begin here.
- `pip install -r requirements.txt` (Python {python}), then:
- `python train.py` trains it again{table}, prints the test scores beside the reported ones and writes to `retrained/`.
- `python train.py FILE.csv` also checks that this is the file that the model was trained on (`fingerprint.json`).
- `python predict.py rows.csv > predictions.csv` (or `rows.json`) predicts with `model.skops`, which is read with a list of allowed types.
- `example.json` and `example.csv` are rows to try; `sh curl.sh` sends them to the product.
- `parts.py` holds what the model needs beyond scikit-learn and LightGBM; `split.npz` which rows were the test.
"""


def entries(exported: Exported, model: IO[bytes], rows: Parts | None, table: IO[bytes] | None) -> list[Entry]:
    """`model` is the safe model file under exported names; `rows` and `table` are None together."""
    found = [
        entry("README.md", _readme(exported)),
        entry("model_card.html", model_card(exported)),
        entry("train.py", train_script(exported)),
        entry("predict.py", predict_script(exported)),
        entry("parts.py", Path(parts.__file__).read_bytes()),
        entry("requirements.txt", requirements(exported)),
        entry("fingerprint.json", _json({name: getattr(exported.csv, name) for name in ("name", "sha256", "bytes", "rows")})),
        entry("example.json", _json({"rows": [dict(row) for row in exported.example_rows[:1]]})),
        entry("example.csv", _csv(exported)),
        entry("curl.sh", _CURL),
        opened("model.skops", model),
    ]
    if rows is not None and table is not None:
        found += [entry("split.npz", _positions(rows)), opened("table.parquet", table)]
    return found


def requirements(exported: Exported) -> str:
    """The versions that took part in the training; those of the others are what is installed here."""
    known = exported.record.versions
    names = sorted([*ALWAYS, *libraries(exported)])
    return "".join(f"{name}=={known.get(name) or version(name)}\n" for name in names)


def _readme(exported: Exported) -> str:
    python = ".".join(exported.record.versions.get("python", "3.11").split(".")[:2])
    return _README.format(python=f"{python} or newer", table="" if exported.has_table else " (not from this export: its table is gone)")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _csv(exported: Exported) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in exported.model.inputs], lineterminator="\n")
    writer.writeheader()
    writer.writerows(exported.example_rows[:EXAMPLE_ROWS])
    return text.getvalue()


def _positions(rows: Parts) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, learn=rows.learn, test=rows.test, final=rows.final)
    return content.getvalue()
