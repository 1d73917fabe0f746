"""The registry: versions with their artifacts and checksums, and the ledger of what was live when.

Law: may import training, datasets, events, database, settings and errors. Only `store.py` touches the database and the artifacts'
folder; `artifact_format.py` alone reads and writes what is inside an artifact, and never unpickles.
"""
