"""The same journey as in the browser, by HTTP alone and with no page open."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import requests

from tests.conftest import DATA
from tests.server.running import DEVELOPMENT, GUNICORN, running

STAGES = [
    "Uploading data",
    "Validating data quality",
    "Preprocessing features",
    "Training model",
    "Evaluating performance",
    "Training complete",
]


@pytest.mark.slow
@pytest.mark.parametrize("command", [pytest.param(DEVELOPMENT, id="development"), pytest.param(GUNICORN, id="gunicorn")])
def test_from_a_csv_to_a_prediction(tmp_path: Path, command: tuple[str, ...]) -> None:
    with running(command, tmp_path) as server:
        dataset = server.upload(DATA / "telco_churn.csv")
        assert (dataset["rows"], len(dataset["columns"])) == (7043, 21)
        assert (dataset["target"]["name"], dataset["target"]["task"]) == ("Churn", "binary")
        again = requests.post(f"{server.url}/api/datasets", data=(DATA / "telco_churn.csv").read_bytes(), timeout=30)
        assert (again.status_code, again.json()["id"]) == (200, dataset["id"])

        run = server.train(dataset["id"], budget_s=6)
        assert run["state"] in ("queued", "running")
        assert server.train(dataset["id"], budget_s=6)["id"] == run["id"]
        run = server.wait_for_run(run["id"])
        assert (run["state"], run["percent"], run["error"]) == ("succeeded", 100, None)
        assert [stage["name"] for stage in run["stages"]] == STAGES
        assert all(stage["state"] == "done" for stage in run["stages"])
        # The blend has no iterations of its own.
        assert {point["candidate"] for point in run["curves"]} == {each["name"] for each in run["candidates"]} - {"Blend"}
        assert [point["number"] for point in run["curves"]] == list(range(1, len(run["curves"]) + 1))
        assert run["metrics"]["roc_auc"] > 0.8 > run["baseline"]["roc_auc"]

        refused = requests.post(f"{server.url}/api/predict", json={"rows": [{}]}, timeout=30)
        assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")

        deployment = server.post(f"/api/models/{run['model_id']}/deploy")
        assert deployment["version"] == 1
        _predict(server.url)


def _predict(url: str) -> None:
    schema = _when_live(url)
    example = schema["examples"][0]
    answer = requests.post(f"{url}/api/predict", json={"rows": [example, example]}, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["model"]["version"] == 1
    first = answer.json()["predictions"][0]
    assert first["prediction"] in first["probabilities"]
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert first["warnings"] == []
    assert "predict;dur=" in answer.headers["Server-Timing"]

    wrong = requests.post(f"{url}/api/predict", json={"rows": [example | {"tenure": "long"}]}, timeout=30)
    assert (wrong.status_code, wrong.json()["column"]) == (422, "tenure")
    assert "long" in wrong.json()["got"]

    text = io.StringIO()
    writer = csv.DictWriter(text, list(example))
    writer.writeheader()
    writer.writerow(example)
    table = requests.post(f"{url}/api/predict", data=text.getvalue(), headers={"Content-Type": "text/csv"}, timeout=30)
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["prediction"] for row in rows] == [first["prediction"]]


def _when_live(url: str) -> dict[str, object]:
    from tests.waiting import wait_until

    def ready() -> dict[str, object] | None:
        # Each on a connection of its own, so that every worker is asked.
        answers = [requests.get(f"{url}/api/schema", timeout=30) for _ in range(12)]
        return answers[0].json() if all(answer.ok for answer in answers) else None

    return wait_until(ready, timeout_s=5)
