"""Which column is probably to be predicted, and what kind of task that is.

Law: looks at profiles and at a sample of the typed table, never at the file.
"""
