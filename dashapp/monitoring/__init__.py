"""How the house is doing: samples of the machine, counts of the requests, trends, health of the services, alerts.

Law: may import models, training, datasets, events, database, settings and errors; knows no serving, Flask or Dash. Only `store.py`
touches this room's tables. One process per host samples (a lease); every process counts its own requests. What is not known is
None, never an invented 0.
"""
