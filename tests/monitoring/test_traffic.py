from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashapp.monitoring.traffic import Record, prediction_fact, summarise

RECORDS: st.SearchStrategy[list[Record]] = st.lists(
    st.tuples(
        st.sampled_from(["predict", "api", "page", "asset"]),
        st.integers(200, 599),
        st.floats(0, 1e5),
        st.integers(0, 1000),
        st.none() | st.integers(1, 3),
    )
)


@given(RECORDS)
def test_nothing_is_lost_in_a_sum(records: list[Record]) -> None:
    batch = summarise(records, 7.0)
    assert sum(each.count for each in batch.totals) == len(records)
    assert sum(each.errors for each in batch.totals) == sum(record[1] >= 500 for record in records)
    predictions = sum(record[3] for record in records)
    assert sum(each.predictions for each in batch.totals) == predictions
    fact = prediction_fact(batch)
    assert (fact is None) == (predictions == 0)
    assert fact is None or fact.data["count"] == predictions
    assert all(each.max_ms <= each.total_ms * (1 + 1e-9) for each in batch.totals)


@given(RECORDS)
def test_every_request_is_in_a_sketch(records: list[Record]) -> None:
    batch = summarise(records, 7.0)
    assert all(each.latencies.count == each.count for each in batch.totals)


def test_the_most_frequent_failures_are_named_and_no_more_than_five() -> None:
    failed = [("api", 404, "/api/runs/<run_id>", f"10.0.0.{number % 9}") for number in range(30)] + [("api", 503, "/api/health", "::1")] * 9
    (totals,) = summarise([("api", 404, 1.0, 0, None)] * 39, 7.0, failed).totals
    assert len(totals.failures) == 5
    assert (totals.failures[0].status, totals.failures[0].route, totals.failures[0].client, totals.failures[0].count) == (
        503,
        "/api/health",
        "::1",
        9,
    )
    assert summarise([("api", 200, 1.0, 0, None)], 7.0).totals[0].failures == ()


def test_the_sentence_about_predictions() -> None:
    one = prediction_fact(summarise([("predict", 200, 2.0, 1, 4)], 7.0))
    assert one is not None and one.message == "1 prediction by version 4 (mean 2.0 ms)"
    assert one.data == {"count": 1, "requests": 1, "mean_ms": 2.0, "version": 4, "versions": {"4": 1}}
    two = prediction_fact(summarise([("predict", 200, 2.0, 30, 4), ("predict", 200, 3.0, 7, 5), ("predict", 422, 90.0, 0, None)], 7.0))
    assert two is not None and two.message == "37 predictions by versions 4 and 5 (mean 2.5 ms)"
    assert two.data["version"] is None
    unsaid = prediction_fact(summarise([("predict", 200, 2.0, 3, None)], 7.0))
    assert unsaid is not None and unsaid.message == "3 predictions (mean 2.0 ms)"
