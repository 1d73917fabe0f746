"""Where state is kept: the engine, the tables, their migrations and the leases.

Law: may import settings and errors. SQLite (WAL) by default, PostgreSQL by URL; nothing above this room knows which.
Rooms reach their tables through their own `store.py` only.
"""
