"""What happened: typed facts, the append-only log, and the tail that hands it to live clients.

Law: may import database, settings and errors. Every process appends in the same way, in the transaction of the change that
the fact tells of; every screen reads in the same way, `id > last seen`. Facts are never skipped, snapshots may be.
"""
