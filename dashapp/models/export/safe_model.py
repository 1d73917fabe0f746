"""The pipeline's file with the classes of `training.parts` under the name that they have in an export.

A skops file is a zip whose `schema.json` names the class of each object; nothing is loaded here, so this costs no more than a copy.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from dashapp.errors import ModelDamaged
from dashapp.models.artifact_format import PIPELINE
from dashapp.models.export.scripts import exported_name

_SCHEMA = "schema.json"
_IN_MEMORY = 16 * 2**20


def exported_pipeline(artifact: Path) -> IO[bytes]:
    """The pipeline of this artifact as an open file at its start; the caller closes it. Raises `ModelDamaged`."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as stored, ExitStack() as on_failure:
        with zipfile.ZipFile(artifact) as archive, archive.open(PIPELINE) as member:
            shutil.copyfileobj(member, stored)
        stored.seek(0)
        renamed: IO[bytes] = on_failure.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
        with zipfile.ZipFile(stored) as source, zipfile.ZipFile(renamed, "w") as target:
            _copy(source, target)
        on_failure.pop_all()
    renamed.seek(0)
    return renamed


def _copy(source: zipfile.ZipFile, target: zipfile.ZipFile) -> None:
    for each in source.infolist():
        info = zipfile.ZipInfo(each.filename)
        info.file_size = each.file_size
        with target.open(info, "w") as part, source.open(each) as original:
            if each.filename == _SCHEMA:
                part.write(json.dumps(_renamed(json.load(original))).encode())
            else:
                shutil.copyfileobj(original, part)


def _renamed(node: Any) -> Any:
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _renamed(value) for key, value in node.items()}
    for key in ("__module__", "module_path"):
        module = found.get(key)
        if isinstance(module, str) and module.startswith("dashapp."):
            name = exported_name(f"{module}.")
            if name is None:
                raise ModelDamaged(f"The model holds something of {module}, which works nowhere else; train it again to export it.")
            found[key] = name.rstrip(".")
    return found
