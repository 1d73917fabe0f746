"""Rows of text -> typed columns: read in blocks, kept beside the memory where they are large, and typed by all of their values.

Law: knows nothing of targets and of quality; what it understood, it says in findings.
"""
