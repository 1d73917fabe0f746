"""Dataset -> TrainedModel: plan, candidates, fit with progress, evaluate.

Law: may import datasets, events, database, settings and errors. Knows nothing of models' registry, HTTP, Dash or
processes: `train(table, plan, report)` is a function of plain values that tells its progress to `report`.
Only `store.py` touches the database.
"""
