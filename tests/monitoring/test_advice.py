from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.monitoring.advice import RULES, Figures, Speed, advice_from

CALM = Figures(
    cores=4,
    workers=2,
    cpu_mean=20.0,
    busy_share=0.0,
    response_p95_ms=5.0,
    requests_per_minute=100.0,
    predictions_per_minute=90.0,
    sockets=3.0,
    most_sockets=192,
    runs=5,
    budget_s=60.0,
    ledger_days=30,
    ledger_days_held=30.0,
    ledger_share=0.2,
    is_live_compiled=True,
    has_alert_urls=True,
)
TROUBLES = {
    "more_workers": {"response_p95_ms": 200.0},
    "machine_too_small": {"cores": 2, "busy_share": 0.9, "response_p95_ms": 200.0, "cpu_mean": 95.0},
    "more_threads": {"sockets": 180.0},
    "longer_budget": {"out_of_time": 4},
    "more_memory": {"failed_for_memory": 1},
    "larger_ledger": {"ledger_share": 0.99, "ledger_days_held": 3.0},
    "send_batches": {"requests_per_minute": 6_000.0, "predictions_per_minute": 6_000.0},
    "not_compiled": {"is_live_compiled": False},
    "faster_version": {"speeds": (Speed(3, 9.0, 0.90, 0.88, 0.92), Speed(2, 2.0, 0.895, 0.87, 0.91), Speed(1, 1.0, 0.7, 0.68, 0.72))},
    "more_runs": {"waiting": 2, "waited_s": 900.0},
    "set_token": {"open_host": "0.0.0.0"},
    "send_alerts": {"alerts": 2, "has_alert_urls": False},
}


def test_where_all_is_well_nothing_is_said() -> None:
    assert advice_from(CALM) == ()


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert advice_from(Figures()) == ()


@pytest.mark.parametrize("code", TROUBLES)
def test_each_trouble_has_its_advice_with_evidence(code: str) -> None:
    (found,) = advice_from(replace(CALM, **TROUBLES[code]))
    assert found.code == code
    assert found.words.endswith(".") and found.evidence
    assert found.setting == "" or found.setting.startswith("DASHAPP_")


@pytest.mark.parametrize(
    "figures",
    [
        {"response_p95_ms": 200.0, "cores": 2},
        {"response_p95_ms": 200.0, "cpu_mean": 70.0},
        {"out_of_time": 2},
        {"ledger_share": 0.99},
        {"requests_per_minute": 600.0, "predictions_per_minute": 6_000.0},
        {"speeds": (Speed(3, 9.0, 0.90, 0.88, 0.92), Speed(2, 2.0, 0.80, 0.78, 0.82))},
        {"speeds": (Speed(3, 9.0, 0.90, 0.88, 0.92), Speed(2, 6.0, 0.90, 0.88, 0.92))},
        {"speeds": (Speed(3, 1.0, 0.90, 0.88, 0.92), Speed(2, 0.3, 0.90, 0.88, 0.92))},
        {"waiting": 2, "waited_s": 30.0},
        {"waiting": 2, "waited_s": 900.0, "cpu_mean": 80.0},
        {"alerts": 3},
    ],
)
def test_what_only_looks_like_trouble_has_none(figures: dict[str, object]) -> None:
    assert advice_from(replace(CALM, **figures)) == ()  # type: ignore[arg-type]


def test_every_rule_has_a_trouble_here() -> None:
    assert len(TROUBLES) == len(RULES)
