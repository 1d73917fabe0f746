"""What kinds of columns, separators of values and encodings are called in sentences."""

from __future__ import annotations

from dashapp.datasets.wording import quoted

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces", ":": "colons"}
KINDS = {
    "number": "number",
    "integer": "whole number",
    "boolean": "yes or no",
    "category": "category",
    "rating": "rating",
    "datetime": "date",
    "text": "free text",
    "identifier": "identifier",
    "constant": "one value",
}
_SCRIPTS = {
    "cp1252": "Western",
    "latin-1": "Western",
    "iso8859-1": "Western",
    "iso8859-15": "Western",
    "mac-roman": "Western, Mac",
    "cp1250": "Central European",
    "iso8859-2": "Central European",
    "cp1251": "Cyrillic",
    "koi8-r": "Cyrillic",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp932": "Japanese",
    "shift-jis": "Japanese",
    "euc-jp": "Japanese",
    "gb18030": "Chinese",
    "gbk": "Chinese",
    "big5": "Chinese",
    "euc-kr": "Korean",
    "cp949": "Korean",
}


def separator_in_words(delimiter: str) -> str:
    """`commas`; one without a name stands in quotes."""
    if len(delimiter) > 1 and not delimiter.strip(" "):
        return "several spaces"
    return SEPARATORS.get(delimiter) or quoted(delimiter)


def encoding_in_words(name: str) -> str:
    """`UTF-8`, `Western (cp1252)`."""
    plain = name.lower().replace("_", "-")
    if plain.startswith("utf"):
        return plain.removesuffix("-sig").upper()
    return f"{_SCRIPTS[plain]} ({name})" if plain in _SCRIPTS else name
