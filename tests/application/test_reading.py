"""What the user decides about a file is obeyed, kept, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from dashapp.application import reading
from dashapp.application.datasets import delete_dataset, upload_csv
from dashapp.application.reading import change_reading, leaks_for, patched, preview_reading
from dashapp.application.services import Services, open_services
from dashapp.application.training import cancel_training, start_training
from dashapp.datasets.dataset import ColumnKind, ColumnReading, Dataset, Profile, ReadAs, Reading, Task
from dashapp.datasets.read import read_dataset
from dashapp.errors import Conflict, InvalidRequest, NotFound
from dashapp.settings import Settings

ROWS = 60
LABELS = "".join(f"{i % 7},{i % 5 + 1},{i},{'yes' if i % 2 else 'no'},{i % 2}\n" for i in range(ROWS))
CSV = f"x,stars,when,churn,flag\n{LABELS}"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with closing(open_services(Settings(home=tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def dataset(services: Services) -> Dataset:
    return upload_csv(services, BytesIO(CSV.encode()), "stars.csv")[0]


def test_a_patch_is_merged_and_null_takes_a_decision_back() -> None:
    decided = patched(Reading(), {"delimiter": ";", "columns": {"age": {"kind": "number", "missing": ["-999"], "use": False}}})
    assert decided == Reading(delimiter=";", columns={"age": ColumnReading(ReadAs.NUMBER, ("-999",), use=False)})
    assert patched(decided, {"columns": {"age": {"kind": None}}}).columns["age"] == ColumnReading(None, ("-999",), use=False)
    assert patched(decided, {"delimiter": None, "columns": {"age": None}}) == Reading()
    assert patched(patched(Reading(), {"columns": {"age": {"use": False}}}), {"columns": {"age": {"use": None}}}) == Reading()


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"colour": 1}, "colour"),
        ({"delimiter": ""}, "delimiter"),
        ({"delimiter": "\n"}, "delimiter"),
        ({"delimiter": 5}, "delimiter"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "base64"}, "encoding"),
        ({"encoding": "utf\0"}, "encoding"),
        ({"quote": "''"}, "quote"),
        ({"quote": "“"}, "quote"),
        ({"quote": "\0"}, "quote"),
        ({"quote": "\n"}, "quote"),
        ({"quote": ";", "delimiter": ";"}, "quote"),
        ({"delimiter": '"'}, "delimiter"),
        ({"delimiter": "\0"}, "delimiter"),
        ({"delimiter": "\ud800"}, "delimiter"),
        ({"delimiter": "abc"}, "delimiter"),
        ({"columns": {"age": {"decimal": ";"}}}, "columns.age.decimal"),
        ({"skipped_lines": -1}, "skipped_lines"),
        ({"skipped_lines": True}, "skipped_lines"),
        ({"skipped_lines": "3"}, "skipped_lines"),
        ({"has_header": "no"}, "has_header"),
        ({"drop_duplicates": 1}, "drop_duplicates"),
        ({"has_header": "perhaps"}, "has_header"),
        ({"columns": {"age": {"sort": "number"}}}, "columns.age.sort"),
        ({"columns": {"age": {"kind": "colour"}}}, "columns.age.kind"),
        ({"columns": {"age": 5}}, "columns.age"),
        ({"columns": 5}, "columns"),
    ],
)
def test_what_cannot_be_decided_is_named(patch: Mapping[str, object], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        patched(Reading(), patch)
    assert refused.value.details["field"] == field


def test_a_forced_kind_is_kept_and_can_be_taken_back(services: Services, dataset: Dataset) -> None:
    changed = change_reading(services, dataset.id, {"columns": {"x": {"kind": "category"}}})
    column = changed.profile.column("x")
    assert column is not None and column.kind is ColumnKind.CATEGORY
    assert services.datasets.get(dataset.id) == changed
    assert str(services.datasets.table(dataset.id)["x"].dtype) == "str"
    assert change_reading(services, dataset.id, {"columns": {"x": {"kind": None}}}).profile == dataset.profile


def test_another_delimiter_is_tried_and_refused_where_it_leaves_no_table(services: Services, dataset: Dataset) -> None:
    with pytest.raises(InvalidRequest):
        change_reading(services, dataset.id, {"delimiter": ";"})
    assert services.datasets.get(dataset.id) == dataset
    assert preview_reading(services, dataset.id, {"has_header": False}).rows[0] == ["x", "stars", "when", "churn", "flag"]
    assert preview_reading(services, dataset.id, {}).names == ["x", "stars", "when", "churn", "flag"]
    assert services.datasets.get(dataset.id) == dataset


def test_a_column_that_does_not_exist_is_named(services: Services, dataset: Dataset) -> None:
    with pytest.raises(InvalidRequest, match='"age"'):
        change_reading(services, dataset.id, {"columns": {"age": {"use": False}}})


def test_a_dataset_in_use_by_a_run_stays_as_it_is(services: Services, dataset: Dataset) -> None:
    run = start_training(services, dataset.id)
    with pytest.raises(Conflict):
        change_reading(services, dataset.id, {"columns": {"x": {"use": False}}})
    cancel_training(services, run.id)
    assert change_reading(services, dataset.id, {"columns": {"x": {"use": False}}}).reading.columns["x"].use is False


def test_a_leak_is_left_out_with_its_evidence_and_can_be_put_back(services: Services, dataset: Dataset) -> None:
    (leak,) = leaks_for(services, dataset.id, "churn", Task.BINARY)
    assert leak.column == "flag"
    reasons = {out.column: out.reason for out in start_training(services, dataset.id, target="churn").left_out}
    assert reasons["flag"] == "it gives the target away (alone it reaches 1.000 in balanced accuracy)"
    assert "flag" not in {out.column for out in start_training(services, dataset.id, target="churn", include=["flag"]).left_out}
    for run in services.runs.unfinished():
        cancel_training(services, run.id)
    change_reading(services, dataset.id, {"columns": {"flag": {"use": True}}})
    assert "flag" not in {out.column for out in start_training(services, dataset.id, target="churn").left_out}


def test_a_column_left_out_for_good_is_left_out_of_each_training_but_not_as_a_target(services: Services, dataset: Dataset) -> None:
    change_reading(services, dataset.id, {"columns": {"x": {"use": False}}})
    assert {out.column: out.reason for out in start_training(services, dataset.id, target="churn").left_out}["x"] == "you left it out"
    assert start_training(services, dataset.id, target="x").target == "x"


def test_include_names_columns_of_the_table(services: Services, dataset: Dataset) -> None:
    with pytest.raises(InvalidRequest, match='"age"'):
        start_training(services, dataset.id, include=["age"])


def test_decisions_of_two_at_once_are_both_kept(services: Services, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_overtaken(*arguments: Any) -> Profile:
        monkeypatch.setattr(reading, "read_dataset", read_dataset)
        change_reading(services, dataset.id, {"columns": {"when": {"kind": "category"}}})
        return read_dataset(*arguments)

    monkeypatch.setattr(reading, "read_dataset", be_overtaken)
    changed = change_reading(services, dataset.id, {"columns": {"x": {"kind": "category"}}})
    assert set(changed.reading.columns) == {"x", "when"}
    assert services.datasets.get(dataset.id) == changed
    table = services.datasets.table(dataset.id)
    assert [str(table[name].dtype) for name in ("x", "when")] == ["str", "str"]
    assert not list(services.datasets.directory.glob("*/table-*"))


def test_a_run_that_begins_while_the_file_is_read_keeps_its_table(
    services: Services, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin_a_run(*arguments: Any) -> Profile:
        start_training(services, dataset.id)
        return read_dataset(*arguments)

    monkeypatch.setattr(reading, "read_dataset", begin_a_run)
    with pytest.raises(Conflict, match="being trained on"):
        change_reading(services, dataset.id, {"columns": {"x": {"kind": "category"}}})
    assert services.datasets.get(dataset.id) == dataset


def test_a_dataset_deleted_while_it_is_read_is_not_found(services: Services, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def delete_first(*arguments: Any) -> Profile:
        delete_dataset(services, dataset.id)
        return read_dataset(*arguments)

    monkeypatch.setattr(reading, "read_dataset", delete_first)
    with pytest.raises(NotFound):
        change_reading(services, dataset.id, {"has_header": False})
    assert list(services.datasets.directory.iterdir()) == []


def test_a_dataset_whose_files_are_lost_says_so(services: Services, dataset: Dataset) -> None:
    services.datasets.drop_files(dataset.id)
    for work in (
        lambda: change_reading(services, dataset.id, {"has_header": False}),
        lambda: preview_reading(services, dataset.id, {}),
        lambda: start_training(services, dataset.id),
    ):
        with pytest.raises(NotFound, match="upload the CSV again"):
            work()


def test_the_log_tells_of_the_decision(services: Services, dataset: Dataset) -> None:
    before = services.log.last_id()
    change_reading(services, dataset.id, {"drop_duplicates": True})
    (event,) = services.log.since(before)
    assert event.data["action"] == "dataset_reread"
