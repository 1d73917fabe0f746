"""Where the web processes of one server share their counts, so that each of them can tell those of all.

Used by the server's parent before any of its processes is forked: nothing here may import prometheus_client at the top, which looks at
the environment once, when it is first imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_OURS = "dashapp-metrics-"


def make_folder() -> None:
    """A fresh folder for the counts of this server, below the one that the environment names, if it does; a reload keeps it."""
    given = os.environ.get(VARIABLE)
    parent = Path(given) if given else None
    mine = f"{_OURS}{os.getpid()}-"
    if parent is not None and parent.name.startswith(mine) and parent.is_dir():
        return
    if parent is not None and parent.name.startswith(_OURS):  # of the server that starts this one to be replaced by it
        parent = parent.parent
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix=mine, dir=parent)


def forget_process(pid: int) -> None:
    """Once it is dead, however it died: what it counted stays, what it had in flight goes."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def values_in(folder: Path, kind: str, name: str) -> Iterator[float]:
    """What each process that lives has put down under a name; `kind` is how its files begin."""
    from prometheus_client.mmap_dict import MmapedDict

    for file in folder.glob(f"{kind}_*.db"):
        with contextlib.suppress(OSError):  # its process has just ended
            for key, value, _at, _place in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
                if json.loads(key)[1] == name:
                    yield float(value)


def remove_folder() -> None:
    folder = Path(os.environ.get(VARIABLE, ""))
    if folder.name.startswith(f"{_OURS}{os.getpid()}-"):
        shutil.rmtree(folder, ignore_errors=True)
