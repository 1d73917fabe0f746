"""What is wrong with a table: checks with a verdict, the rows and columns behind it and what can be done, and the report of them.

Law: looks at profiles and at a sample of the typed table, never at the file.
"""
