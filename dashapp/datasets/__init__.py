"""Bytes -> Dataset, step by step: `receive` the file, `text` its rows, `columns` their types, `target` what to predict, `quality` what is
wrong; `read` goes through all of them, and `store` keeps the result.

Law: may import events, database, settings and errors. Knows nothing of training, models, HTTP or Dash.
Only `store.py` touches the database and the dataset files; the rest is plain values in, plain values out.
"""

from dashapp.datasets.text.rows import read_text

__all__ = ["read_text"]
