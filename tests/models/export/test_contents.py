"""What is in the zip: complete, the same each time, free of this project, and harmless whatever the names are."""

from __future__ import annotations

import ast
import csv
import html
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from dashapp.models import artifact_format
from dashapp.models.export import archive
from dashapp.models.export.archive import entry, opened, streamed
from dashapp.models.export.card import model_card
from dashapp.models.export.contents import requirements
from dashapp.models.export.exported import Exported
from dashapp.models.export.scripts import Code, _environment, exported_name, predict_script, train_script
from dashapp.training import parts
from dashapp.training.features import to_frame
from dashapp.training.result import Bands
from tests.models.export.exports import FILE, LABELS, NAMES, exported, files, hostile, hostile_table, regression, zipped

SMALL = {"README.md", "model_card.html", "train.py", "predict.py", "parts.py", "requirements.txt", "fingerprint.json"}
EXAMPLES = {"example.json", "example.csv", "curl.sh"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def content(folder: Path) -> bytes:
    return zipped(hostile(), exported(hostile()), hostile_table(), folder)


@pytest.fixture(scope="module")
def unpacked(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    for name, data in files(content).items():
        (folder / name).write_bytes(data)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process that does not know where this project is."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)


def test_the_zip_holds_everything(content: bytes) -> None:
    assert set(files(content)) == SMALL | EXAMPLES | {"model.skops", "split.npz", "table.parquet"}


def test_the_same_model_gives_the_same_bytes(content: bytes, folder: Path) -> None:
    assert zipped(hostile(), exported(hostile()), hostile_table(), folder) == content


def test_the_scripts_repeat_the_training_whatever_the_names_are(unpacked: Path) -> None:
    done = run(unpacked, "train.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("the same") == 2 and "NOT" not in done.stdout
    assert {path.name for path in (unpacked / "retrained").iterdir()} == {"model.skops", "test_predictions.csv"}
    assert not (unpacked / "here").exists()


@pytest.mark.parametrize("example", ["example.csv", "example.json"])
def test_the_predictions_are_the_models_own(unpacked: Path, example: str) -> None:
    done = run(unpacked, "predict.py", example)
    assert done.returncode == 0, done.stderr
    first = hostile().check_rows[0]
    expected = hostile().model.predict_proba(to_frame([first], hostile().inputs))[0]
    if example.endswith("json"):
        found = json.loads(done.stdout)["predictions"][0]
        assert list(found["probabilities"]) == list(hostile().labels)
        shares = list(found["probabilities"].values())
    else:
        found = next(iter(csv.DictReader(io.StringIO(done.stdout, newline=""))))
        shares = [float(found[f"probability of {label}"]) for label in hostile().labels]
    assert shares == pytest.approx(expected, abs=1e-9)
    assert found["prediction"] == hostile().labels[int(shares[1] >= 0.37)]


def test_another_csv_is_refused(unpacked: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    done = run(unpacked, "train.py", str(other))
    assert done.returncode == 1 and "is another file" in done.stderr


@pytest.mark.parametrize("name", ["train.py", "predict.py", "parts.py"])
def test_no_script_imports_this_project(content: bytes, name: str) -> None:
    source = files(content)[name].decode()
    nodes = list(ast.walk(ast.parse(source)))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    known = set(sys.stdlib_module_names) | {"numpy", "pandas", "sklearn", "lightgbm", "scipy", "skops", "threadpoolctl", "parts", "predict"}
    assert {module.split(".")[0] for module in modules} <= known
    assert "dashapp" not in source


def test_nothing_in_the_model_file_is_of_this_project(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(files(content)["model.skops"])) as skops:
        schema = skops.read("schema.json").decode()
    assert "dashapp" not in schema and '"parts"' in schema


@pytest.mark.parametrize("make", [train_script, predict_script])
def test_names_of_strangers_are_literals_only(make: object) -> None:
    """With other names the code has the same tree, but for its constants."""
    plain = with_plain_names(exported(hostile()))
    assert shape(make(exported(hostile()))) == shape(make(plain))  # type: ignore[operator]


def with_plain_names(what: Exported) -> Exported:
    numbered = {name: f"column {at}" for at, name in enumerate(NAMES.values())}
    model = replace(
        what.model,
        target="target",
        labels=("a", "b"),
        inputs=tuple(replace(column, name=numbered[column.name]) for column in what.model.inputs),
    )
    return replace(what, model=model)


def shape(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = None
    return ast.dump(tree)


def test_a_template_of_code_refuses_what_is_not_a_literal() -> None:
    template = _environment().from_string("{{ name }}")
    assert template.render(name=Code("x")) == "x"
    with pytest.raises(TypeError):
        template.render(name='"); import os #')


def test_every_part_of_a_model_may_be_read() -> None:
    """A class that is added to `parts` and not to the list could be trained and never served or exported."""
    classes = {name for name, value in vars(parts).items() if isinstance(value, type) and value.__module__ == parts.__name__}
    assert {f"{parts.__name__}.{name}" for name in classes} <= set(artifact_format.TRUSTED)
    assert {f"parts.{name}" for name in classes} <= {exported_name(name) for name in artifact_format.TRUSTED}


def test_parts_are_the_training_s_own(content: bytes) -> None:
    assert files(content)["parts.py"] == Path(parts.__file__).read_bytes()


def test_requirements_are_pinned_to_the_versions_of_the_training(content: bytes) -> None:
    lines = files(content)["requirements.txt"].decode().splitlines()
    assert all(re.fullmatch(r"[a-z-]+==[\w.]+", line) for line in lines)
    assert f"scikit-learn=={hostile().record.versions['scikit-learn']}" in lines
    assert not any("lightgbm" in line for line in lines)  # no member is one
    old = replace(hostile().record, versions={"numpy": "1.2.3"})
    assert "numpy==1.2.3" in requirements(replace(exported(hostile()), record=old))


def test_the_fingerprint_and_the_examples_are_json(content: bytes) -> None:
    found = files(content)
    assert json.loads(found["fingerprint.json"]) == {"name": FILE, "sha256": "0" * 64, "bytes": 1000, "rows": 240}
    assert json.loads(found["example.json"])["rows"] == [dict(hostile().check_rows[0])]
    rows = list(csv.DictReader(io.StringIO(found["example.csv"].decode(), newline="")))
    assert len(rows) == 3 and set(rows[0]) == {column.name for column in hostile().inputs}


def test_the_shell_sees_no_name_of_a_stranger(content: bytes) -> None:
    shell = files(content)["curl.sh"].decode()
    assert not any(name in shell for name in (*NAMES.values(), *LABELS.values(), FILE))
    assert subprocess.run(["sh", "-n"], input=shell, text=True, check=False).returncode == 0


def test_the_name_of_the_zip_is_plain() -> None:
    assert exported(hostile()).name == "b-passwd-import-os-v3"
    what = exported(hostile(), file="Größe 2.csv")
    assert replace(what, model=replace(what.model, target="مبيعات")).name == "groe-2-v3"
    assert exported(regression(), file=f"{'long ' * 40}.csv").name == "long-long-long-long-long-long-long-long-value-v3"


class Card(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_card_is_escaped_and_stands_alone() -> None:
    page = model_card(exported(hostile()))
    card = Card(page)
    assert not {"script", "i", "b", "img", "link", "iframe"} & set(card.tags)
    assert not {"src", "href", "onclick", "onload"} & card.attributes
    said = "".join(card.words)
    assert all(name in said for name in (*NAMES.values(), FILE))
    assert html.escape(NAMES["colour"]) in page


@pytest.mark.parametrize(
    "sentence",
    [
        "tuned on validation rows",
        "calibrated with a temperature of 1.25",
        "0.700 to 0.900",
        "could not tell it from Forest",
        "Its test rows were not later",
        "The test has only",
        "worse",
    ],
)
def test_the_card_says(sentence: str) -> None:
    assert sentence in "".join(Card(model_card(exported(hostile()))).words)


def test_the_card_of_a_regression_tells_its_intervals() -> None:
    bands = Bands(0.9, (50.0,), (-1.0, -2.0), (1.0, 2.0), 0.91)
    what = replace(exported(regression()), record=replace(regression().record, bands=bands))
    said = "".join(Card(model_card(what)).words)
    assert "meant to hold 90% of the true values; 91.0% of the test rows lay inside" in said
    assert "the mean" in said and "RMSE" in said
    code = predict_script(what)
    assert "EDGES = [50.0]" in code and '"low": least' in code


def test_without_the_table_the_scripts_say_what_they_need(tmp_path: Path) -> None:
    found = files(zipped(hostile(), exported(hostile(), has_table=False), hostile_table(), tmp_path))
    assert set(found) == SMALL | EXAMPLES | {"model.skops"}
    for name, data in found.items():
        (tmp_path / name).write_bytes(data)
    done = run(tmp_path, "train.py")
    assert done.returncode == 1 and "0" * 64 in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("most", [0, 32_000_000])
def test_a_large_file_passes_in_pieces(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_COMPRESSED_BYTES", most)
    large = tmp_path / "large"
    large.write_bytes(np.random.default_rng(0).bytes(4_000_000))
    made = streamed([entry("a.txt", "a"), opened("large", large.open("rb"))], datetime(2026, 1, 1, tzinfo=UTC))
    pieces = list(made)
    assert max(map(len, pieces)) < 2 * archive.CHUNK_BYTES
    assert files(b"".join(pieces))["large"] == large.read_bytes()


def test_a_download_that_is_broken_off_closes_its_files(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(1_000_000))
    entries = [opened("large", (tmp_path / "large").open("rb"))]
    made = streamed(entries, datetime(2026, 1, 1, tzinfo=UTC))
    next(made)
    made.close()  # type: ignore[attr-defined]
    assert entries[0].content.closed
