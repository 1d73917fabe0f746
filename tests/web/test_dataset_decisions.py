"""What a person decides on the Train page, through Flask's test client: try, apply, take back; the plan that follows the target."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from io import BytesIO
from typing import Any

import pytest

from dashapp.application.datasets import upload_csv
from dashapp.application.services import Services
from dashapp.application.training import start_training
from dashapp.datasets import decided
from dashapp.datasets.dataset import ColumnReading, Dataset, DatasetState, ReadAs, Reading, Task
from dashapp.training.plan import plan_training
from dashapp.web import column_view, data_section, dialect_view, plan_view, quality_view
from dashapp.web.column_view import COLUMN_FILTER, COLUMN_KIND, SHOW_ALL
from dashapp.web.decisions import DECIDE, DISMISS, news, undo_patch
from dashapp.web.follow import RUN_FOLLOWED, TRAIN_BUTTON
from dashapp.web.pages import train
from tests.conftest import DATA
from tests.web.test_shell import build
from tests.web.test_train import call

READING = Reading(delimiter=";", columns={"age": ColumnReading(kind=ReadAs.RATING, missing=("-9",))})
FORM = dict(zip(dialect_view.FIELDS, ("found", "", "found", "found", "found", None), strict=True))


@pytest.fixture
def dataset(services: Services) -> Dataset:
    with (DATA / "wine_red_semicolon.csv").open("rb") as file:
        return upload_csv(services, file, "wine.csv")[0]


def component(type: str, **fields: str) -> str:
    return json.dumps({"type": type, **fields}, sort_keys=True, separators=(",", ":"))


def deciding(patch: dict[str, Any], place: str = "x") -> str:
    return component(DECIDE, place=place, patch=json.dumps(patch))


def value_of(tree: Any, id: str) -> Any:
    """The value of the component with this id, somewhere in a tree of the answer."""
    if isinstance(tree, list):
        return next((found for found in (value_of(each, id) for each in tree) if found is not None), None)
    if not isinstance(tree, dict) or "props" not in tree:
        return None
    props = tree["props"]
    return props.get("value") if props.get("id") == id else value_of(props.get("children"), id)


@pytest.mark.parametrize(
    ("patch", "undo"),
    [
        ({"delimiter": ","}, {"delimiter": ";"}),
        ({"has_header": False}, {"has_header": None}),
        ({"drop_duplicates": True}, {"drop_duplicates": None}),
        ({"columns": {"age": {"kind": None}}}, {"columns": {"age": {"kind": "rating"}}}),
        ({"columns": {"age": {"missing": ["0"], "use": False}}}, {"columns": {"age": {"missing": ["-9"], "use": None}}}),
        ({"columns": {"age": None}}, {"columns": {"age": {"kind": "rating", "missing": ["-9"]}}}),
        ({"columns": {"size": {"day_first": True}}}, {"columns": {"size": {"day_first": None}}}),
        ({"columns": "nonsense", "unknown": 1}, {"unknown": None}),
    ],
)
def test_every_decision_can_be_taken_back(patch: dict[str, Any], undo: dict[str, Any]) -> None:
    assert undo_patch(READING, patch) == undo


@pytest.mark.parametrize(
    ("patch", "new"),
    [
        ({"delimiter": ";", "quote": None}, {}),
        ({"delimiter": ",", "quote": None}, {"delimiter": ","}),
        ({"columns": {"age": {"kind": "rating"}, "size": {"kind": None}}}, {}),
        ({"columns": {"age": {"kind": "text"}}}, {"columns": {"age": {"kind": "text"}}}),
    ],
)
def test_what_is_so_already_is_no_news(patch: dict[str, Any], new: dict[str, Any]) -> None:
    assert news(READING, patch) == new


def test_every_kind_and_decision_has_words() -> None:
    for kind in ReadAs:
        assert list(decided.sentences({"columns": {"a": {"kind": kind.value}}}))
    for field in fields(ColumnReading):
        (sentence,) = decided.sentences({"columns": {"a": {field.name: None}}})
        assert '"a"' in sentence
    for name in ("delimiter", "quote", "encoding", "has_header", "skipped_lines", "drop_duplicates"):
        assert len(list(decided.sentences({name: None}))) == 1
    assert [back for _, back in decided.decided(READING)] == [
        {"delimiter": None},
        {"columns": {"age": {"kind": None}}},
        {"columns": {"age": {"missing": None}}},
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("keep", ["-999"], '"-999" in "age" is kept as a value.'),
        ("keep", ["-9", "-8"], '"-9", "-8" in "age" are kept as values.'),
        ("missing", ["0"], '"0" in "age" means a missing value.'),
        ("decimal", ",", 'The decimals of "age" come after a comma.'),
        ("decimal", None, 'The decimals of "age": as found in the file.'),
        ("merge", False, 'The labels of "age" are kept apart.'),
        ("use", None, '"age" is used or left out as the checks say.'),
        ("day_first", False, 'The dates of "age" begin with the month.'),
        ("kind", None, '"age" is read as it was found.'),
    ],
)
def test_a_decision_is_told_in_words(field: str, value: Any, sentence: str) -> None:
    assert list(decided.sentences({"columns": {"age": {field: value}}})) == [sentence]


def test_a_kind_that_empties_a_column_is_a_warning(services: Services) -> None:
    table = "".join(f"{row % 2},{'gold' if row % 3 else 'basic'}\n" for row in range(40))
    dataset = upload_csv(services, BytesIO(f"y,plan\n{table}".encode()), "t.csv")[0]
    app, states = build(services), {train.DATASET: dataset.id, **FORM}
    note = json.dumps(call(app, data_section.SECTION, {component(COLUMN_KIND, column="plan"): "number"}, states)[data_section.DECISION])
    assert 'No value of \\"plan\\" can be read as a number; it is empty now.' in note
    assert "note-warn" in note
    assert '"Undo"' in note


def test_the_note_of_a_decision_can_be_dismissed(services: Services) -> None:
    app = build(services)
    answer = call(app, f"{data_section.DECISION}.children@", {DISMISS: 1}, {})
    assert answer == {data_section.DECISION: {"children": None}}
    assert not call(app, f"{data_section.DECISION}.children@", {DISMISS: None}, {})


def test_a_kind_is_decided_and_taken_back(services: Services, dataset: Dataset) -> None:
    app = build(services)
    states = {train.DATASET: dataset.id, plan_view.TARGET: "quality", plan_view.TASK: "regression", plan_view.BUDGET: "15", **FORM}
    answer = call(app, data_section.SECTION, {component(COLUMN_KIND, column="alcohol"): "category"}, states)
    assert services.datasets.get(dataset.id).reading.columns["alcohol"].kind is ReadAs.CATEGORY
    said = json.dumps(answer[data_section.DECISION])
    assert "is read as: category" in said
    page = answer[data_section.SECTION]["children"]
    assert [value_of(page, id) for id in (plan_view.TASK, plan_view.BUDGET)] == ["regression", "15"]  # what was chosen stays chosen
    undo = deciding({"columns": {"alcohol": {"kind": None}}}, "undo")
    assert json.dumps(json.loads(undo)["patch"])[1:-1] in said
    call(app, data_section.SECTION, {undo: 1}, states)
    assert services.datasets.get(dataset.id).reading.columns.get("alcohol", ColumnReading()) == ColumnReading()


@pytest.mark.parametrize(
    "pressed",
    [
        {component(COLUMN_KIND, column="alcohol"): column_view.FOUND},
        {component(DECIDE, place="x", patch='{"drop_duplicates": true}'): None},
        {dialect_view.READ_BUTTON: 1},
    ],
)
def test_what_only_appears_decides_nothing(services: Services, dataset: Dataset, pressed: dict[str, Any]) -> None:
    assert not call(build(services), data_section.SECTION, pressed, {train.DATASET: dataset.id, **FORM})
    assert services.datasets.get(dataset.id).reading == Reading()


@pytest.mark.parametrize("patch", ["no json", "[1]", '{"nonsense": 1}', '{"columns": {"nobody": {"use": true}}}', '{"delimiter": 7}'])
def test_a_patch_that_cannot_be_is_a_sentence(services: Services, dataset: Dataset, patch: str) -> None:
    answer = call(
        build(services), data_section.SECTION, {component(DECIDE, place="x", patch=patch): 1}, {train.DATASET: dataset.id, **FORM}
    )
    assert list(answer) == [data_section.DECISION]
    assert "note-bad" in json.dumps(answer)


def test_nothing_is_changed_while_a_run_works_on_it(services: Services, dataset: Dataset) -> None:
    start_training(services, dataset.id)
    answer = call(build(services), data_section.SECTION, {deciding({"drop_duplicates": True}): 1}, {train.DATASET: dataset.id, **FORM})
    assert "cancel the run" in json.dumps(answer)
    assert services.datasets.get(dataset.id).reading == Reading()


def test_another_reading_is_shown_before_it_is_decided(services: Services, dataset: Dataset) -> None:
    app = build(services)
    tried = call(app, dialect_view.READ_PREVIEW, FORM | {dialect_view.SEPARATOR: "|"}, {train.DATASET: dataset.id})
    assert tried[dialect_view.READ_BUTTON]["disabled"] is True
    assert "note-bad" in json.dumps(tried)
    tried = call(app, dialect_view.READ_PREVIEW, FORM | {dialect_view.SEPARATOR: ";"}, {train.DATASET: dataset.id})
    assert tried[dialect_view.READ_BUTTON]["disabled"] is False
    assert "volatile acidity" in json.dumps(tried)
    assert services.datasets.get(dataset.id).reading == Reading()


def test_a_dataset_that_is_gone_breaks_no_callback(services: Services) -> None:
    app, states = build(services), {train.DATASET: "gone", **FORM}
    assert "There is no dataset" in json.dumps(call(app, data_section.SECTION, {deciding({"drop_duplicates": True}): 1}, states))
    assert "There is no dataset" in json.dumps(call(app, dialect_view.READ_PREVIEW, FORM, {train.DATASET: "gone"}))
    assert not call(app, column_view.COLUMNS_FOUND, {COLUMN_FILTER: "a"}, states)
    assert not call(app, plan_view.OTHERS, {plan_view.TARGET: "a"}, states)
    assert not call(app, f"{data_section.SECTION}.children@", {data_section.WAITING: 1}, states)


def test_columns_are_found_by_name(services: Services, dataset: Dataset) -> None:
    app = build(services)
    answer = call(app, column_view.COLUMNS_FOUND, {COLUMN_FILTER: "ACID"}, {train.DATASET: dataset.id})
    assert answer[column_view.COLUMNS_FOUND]["children"] == "3\u00a0columns found."
    assert len(answer[column_view.COLUMN_GRID]["children"]["props"]["children"]) == 3
    everything = call(app, column_view.COLUMNS_FOUND, {SHOW_ALL: 1}, {train.DATASET: dataset.id})
    assert len(everything[column_view.COLUMN_GRID]["children"]["props"]["children"]) == 12


def test_the_page_turns_once_a_large_file_is_read(services: Services, dataset: Dataset) -> None:
    with services.database.write() as transaction:
        services.datasets.update(transaction, replace(dataset, state=DatasetState.PROFILING, profile=replace(dataset.profile, rows=0)))
    app, output = build(services), f"{data_section.SECTION}.children@"
    assert not call(app, output, {data_section.WAITING: 1}, {train.DATASET: dataset.id})
    assert data_section.WAITING in json.dumps(
        train.layout(services, dataset=dataset.id).to_plotly_json(), default=lambda x: x.to_plotly_json()
    )
    with services.database.write() as transaction:
        services.datasets.update(transaction, dataset)
    answer = call(app, output, {data_section.WAITING: 2}, {train.DATASET: dataset.id})
    assert TRAIN_BUTTON in json.dumps(answer)


def test_an_alternative_is_one_click(services: Services, dataset: Dataset) -> None:
    pressed = component(plan_view.PREDICT, target="quality", task=Task.REGRESSION.value)
    answer = call(build(services), plan_view.OTHERS, {pressed: 1}, {train.DATASET: dataset.id})
    assert (answer[plan_view.TARGET]["value"], answer[plan_view.TASK]["value"]) == ("quality", "regression")
    assert "as classes instead" in json.dumps(answer[plan_view.OTHERS])
    assert not call(build(services), plan_view.OTHERS, {pressed: None}, {train.DATASET: dataset.id})


def test_the_page_says_of_which_target_the_checks_speak(services: Services) -> None:
    with (DATA / "ugly" / "leak_copy_of_target.csv").open("rb") as file:
        dataset = upload_csv(services, file, "leak.csv")[0]
    app, states = build(services), {train.DATASET: dataset.id}
    proposed, leak = dataset.profile.target.name, next(each.column for each in dataset.profile.warnings if each.code == "leak")
    other = next(each.name for each in dataset.profile.columns if each.name not in (proposed, leak) and each.kind.is_numeric)
    remarks, marks = [], []
    for target in (proposed, other):
        answer = call(app, plan_view.OTHERS, {plan_view.TARGET: target}, states)
        remarks.append(answer[quality_view.QUALITY_REMARK]["children"])
        marks.append(json.dumps(answer[column_view.COLUMN_GRID]).count("it gives the target away"))
    assert remarks == [None, f'The checks of target and leaks are about "{proposed}", the proposed target.']
    assert marks[0] > marks[1]


def test_what_cannot_be_learned_from_is_left_out_and_counted(services: Services) -> None:
    table = "".join(f"{row % 2},{row},constant,{row % 7}\n" for row in range(40))
    dataset = upload_csv(services, BytesIO(f"y,number,same,x\n{table}".encode()), "t.csv")[0]
    choice = plan_view.Choice("y", Task.BINARY)
    left_out = plan_view.left_out_for(services, dataset, choice)
    options = plan_view.leave_out_options(dataset.profile, "y", left_out)
    assert {each["value"] for each in options if each["disabled"]} == {each.name for each in dataset.profile.columns} & set(left_out)
    assert "same" in left_out
    plan = plan_training(dataset.profile, target="y", task=Task.BINARY, exclude=(), budget_s=1, seed=1, doubtful=left_out)
    assert plan_view.leave_out_title(plan_view.checked_at_first(left_out, None)) == f"Leave columns out ({len(plan.left_out)} left out)"


@pytest.mark.parametrize(
    ("left_out", "by_default", "checked", "still"),
    [
        (["leak"], [], [], ["leak"]),  # a leak of the new target
        (["leak"], ["leak"], [], []),  # was put back
        ([], ["leak"], ["leak"], []),  # is no leak of the new target
        (["leak"], ["leak"], ["leak", "hand"], ["leak", "hand"]),
        ([], [], ["target", "hand"], ["hand"]),
    ],
)
def test_what_is_left_out_follows_the_target(left_out: list[str], by_default: list[str], checked: list[str], still: list[str]) -> None:
    assert plan_view.still_checked(dict.fromkeys(left_out, "It leaks."), "target", by_default, checked) == still


def test_a_leak_is_left_out_until_it_is_put_back(services: Services) -> None:
    with (DATA / "ugly" / "leak_copy_of_target.csv").open("rb") as file:
        dataset = upload_csv(services, file, "leak.csv")[0]
    choice = plan_view.first_choice(dataset.profile, None, None)
    leaks = list(plan_view.left_out_for(services, dataset, choice))
    assert leaks
    states = {
        train.DATASET: dataset.id,
        plan_view.TARGET: choice.target,
        plan_view.TASK: plan_view.task_value(choice.task),
        plan_view.BUDGET: "15",
        plan_view.LEFT_OUT_BY_DEFAULT: leaks,
    }
    app = build(services)
    call(app, RUN_FOLLOWED, {TRAIN_BUTTON: 1}, states | {plan_view.LEAVE_OUT: leaks})
    call(app, RUN_FOLLOWED, {TRAIN_BUTTON: 1}, states | {plan_view.LEAVE_OUT: []})
    put_back, left_out = services.runs.all()
    if len(left_out.left_out) < len(put_back.left_out):
        put_back, left_out = left_out, put_back
    assert set(leaks) <= {each.column for each in left_out.left_out}
    assert not set(leaks) & {each.column for each in put_back.left_out}
    assert left_out.exclude == ()
