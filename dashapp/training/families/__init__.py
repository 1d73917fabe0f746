"""The kinds of models that race, one module each.

Law: a family says how its pipeline is made from a setting, and how it learns step by step in the race; a setting holds JSON values only,
and the same setting on the same rows gives the same model.
"""
