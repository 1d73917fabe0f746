"""A model as files that work without this product: plain scikit-learn code, its data, the safe model file, a card to read.

Law: values in, text and bytes out; reads no database and starts nothing. What a stranger wrote (a column, a label, a file's name) becomes a
literal, an escaped word or JSON, never code, HTML, a path or a line of a shell. Nothing in the zip imports this project.
"""
