"""Rows -> predictions: the schema of a row, the compiled model, the answer.

Law: may import models, training, datasets, events, database, settings and errors. Knows nothing of HTTP or Dash.
The hot path (`Predictor.predict`) is plain Python and numpy: no pandas, no database, no lock, no log call, no thread.
A compiled model is used only where it has given the pipeline's own answers; otherwise the pipeline answers itself.
"""
