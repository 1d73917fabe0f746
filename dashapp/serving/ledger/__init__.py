"""Every prediction that was made, with its inputs, for as long as the settings say; late truth, and what both tell together.

`ledger` takes answers off the hot path, `spool` holds them in a file until `writer` has put them into the database, `store` alone touches
the tables, `kept` has the values that others see.
"""
