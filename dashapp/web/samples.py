"""Code that calls the prediction route, to be pasted as it is: into a POSIX shell, and into a file of Python 3 with nothing installed.

A token is never written out; the samples read it from the variable `DASHAPP_TOKEN`.
"""

from __future__ import annotations

import json
import pprint
import shlex
from collections.abc import Mapping
from typing import Any


def curl_sample(url: str, row: Mapping[str, Any], *, needs_token: bool) -> str:
    headers = ["-H 'Content-Type: application/json'"]
    if needs_token:
        headers.append('-H "Authorization: Bearer $DASHAPP_TOKEN"')
    body = shlex.quote(_json({"rows": [row]}))
    return " \\\n  ".join([f"curl -sS {shlex.quote(url)}", *headers, f"-d {body}"])


def python_sample(url: str, row: Mapping[str, Any], *, needs_token: bool) -> str:
    imports = ["import json", *(["import os"] if needs_token else []), "import urllib.request"]
    headers = ['"Content-Type": "application/json"']
    if needs_token:
        headers.append('"Authorization": "Bearer " + os.environ["DASHAPP_TOKEN"]')
    literal = pprint.pformat(dict(row), width=96, sort_dicts=False)
    return "\n".join(
        [
            *imports,
            "",
            f"row = {literal}",
            "request = urllib.request.Request(",
            f"    {url!r},",
            '    data=json.dumps({"rows": [row]}).encode(),',
            f"    headers={{{', '.join(headers)}}},",
            ")",
            "with urllib.request.urlopen(request) as answer:",
            '    print(json.load(answer)["predictions"])',
        ]
    )


def _json(value: Any) -> str:
    """JSON in which letters stay readable and what a terminal would not show (direction marks, control characters) is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
