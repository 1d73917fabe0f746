"""The tables of the ledger, touched by nobody else: kept predictions and their exact counts, late truth, challengers."""
