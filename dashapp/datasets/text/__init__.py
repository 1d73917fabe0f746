"""A file -> rows of text: encoding, dialect, header, records, and what is mended in damaged rows.

Law: the only place that understands encodings and dialects; types come after it. Imports nothing of the other parts of the room
but its values and their wording, and no pandas, so that `read_text` is light.
"""
