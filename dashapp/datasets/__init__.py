"""Bytes -> Dataset: receive, sniff, parse, profile, propose a target, store.

Law: may import events, database, settings and errors. Knows nothing of training, models, HTTP or Dash.
Only `store.py` touches the database and the dataset files; the rest is plain values in, plain values out.
"""
