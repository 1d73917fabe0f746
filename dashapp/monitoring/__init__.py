"""How the house is doing: samples of the machine, counts of the requests, history, health, alerts, forecasts, drift.

Law: may import models, training, datasets, events, database, settings and errors; knows no serving, Flask or Dash. Only the stores
(`store`, `rollups`, `alert_store`, `alert_outbox`, `drift_store`, `milestone_store`) touch this room's tables. One process per host
samples (a lease); every process counts its own requests. What is not known is None, never an invented 0.
"""
