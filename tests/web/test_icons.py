"""Every icon that can be named has a shape, and every shape a name."""

from __future__ import annotations

import re

from dashapp.settings import ROOT
from dashapp.web.icons import ICONS


def test_names_and_shapes_are_the_same() -> None:
    shapes = re.findall(r"^\.icon-([a-z0-9-]+) \{", (ROOT / "assets" / "icons.css").read_text(), re.MULTILINE)
    assert sorted(shapes) == sorted(ICONS)
