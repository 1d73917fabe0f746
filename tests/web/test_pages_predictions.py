"""The Predictions page without a browser: what is drawn of the ledger, of scores, of the challenger and of a replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashapp.application.services import Services
from dashapp.datasets.dataset import Task
from dashapp.serving.ledger.kept import Challenger, ChallengerAnswer, Comparison, Difference, Found, KeptPrediction, LiveScore, Replayed
from dashapp.training.result import Bands
from dashapp.web import challenger_view, ledger_head, live_scores, prediction_view, predictions_view, replay_view
from dashapp.web.ledger_query import LedgerQuery, query_of
from dashapp.web.pages import predictions
from tests.web.pages_values import AT, NASTY, a_model, ids_in, links_in, text_of


def a_kept(**changes: Any) -> KeptPrediction:
    values: dict[str, Any] = {
        "number": 7, "id": "p7", "at": AT, "model_id": "model1", "version": 1, "source": "json", "inputs": {"age": 41, NASTY: None},
        "prediction": "yes", "probabilities": {"yes": 0.75, "no": 0.25}, "interval": None, "warnings": (), "ms": 0.42,
    }  # fmt: skip
    return KeptPrediction(**(values | changes))


def a_value(**changes: Any) -> KeptPrediction:
    return a_kept(**{"prediction": 12.0, "probabilities": None, "interval": (10.0, 15.0)} | changes)


def a_score(version: int = 1, **changes: Any) -> LiveScore:
    values: dict[str, Any] = {"version": version, "name": "accuracy", "value": 0.8, "low": 0.7, "high": 0.88, "n": 100, "tested": 0.85}
    return LiveScore(**(values | changes))


@pytest.mark.parametrize(
    "query",
    [
        LedgerQuery(),
        LedgerQuery("a & b=c ?#", 3, NASTY, warnings=True, actual=True, window="24h", before=812),
        LedgerQuery(prediction="any", version=1),
    ],
)
def test_the_address_holds_the_whole_search(query: LedgerQuery) -> None:
    assert query_of(**predictions._as_data(query)) == query


@pytest.mark.parametrize(
    "nonsense", [{"version": "²"}, {"version": "-1"}, {"before": "x" * 20}, {"window": "forever"}, {"before": "9" * 40}]
)
def test_nonsense_in_the_address_asks_for_nothing(nonsense: dict[str, str]) -> None:
    assert query_of(**nonsense) == LedgerQuery()


def test_a_window_starts_that_long_ago() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert LedgerQuery(window="1h").search(now).since == now - timedelta(hours=1)
    assert LedgerQuery().search(now).since is None


def test_a_row_says_what_was_answered_and_what_was_true() -> None:
    rows = [
        a_kept(actual="no", warnings=({"code": "missing", "column": "age", "message": "age is missing."},)),
        a_kept(id="p6", challenger=ChallengerAnswer(2, "no", {"yes": 0.4, "no": 0.6}), actual="yes"),
        a_value(id="p5", actual=10.0),
    ]
    words = text_of(predictions_view.predictions_table(rows))
    for part in ("yes 75.0%", "0.42\u00a0ms".replace("\u00a0", " "), "1 warning", "(wrong)", "(right)", "no 60.0%", "off by 2.000"):
        assert part in words.replace("\u00a0", " ")
    assert "Challenger" not in text_of(predictions_view.predictions_table(rows[:1]))


@pytest.mark.parametrize(
    ("found", "query", "words", "way"),
    [
        (Found((), None, 0, 0), LedgerQuery(), "No predictions yet", "/ml/try"),
        (Found((), None, 9, 9), LedgerQuery("x"), "No kept prediction is like that", "/ml/predictions"),
        (Found((), None, 9, 9), LedgerQuery("x", before=3), "There are none older", "/ml/predictions?text=x"),
        (Found((), 4000, 9, 9), LedgerQuery("x"), "look further back", "/ml/predictions?text=x&before=4000"),
        (Found((a_kept(),), 7, 9, 9), LedgerQuery(), "Older", "/ml/predictions?before=7"),
    ],
)
def test_each_end_of_the_ledger_has_a_way_on(found: Found, query: LedgerQuery, words: str, way: str) -> None:
    drawn = predictions_view.ledger_list(found, query, "/ml")
    assert words in text_of(drawn)
    assert way in [link for tree in drawn for link in links_in(tree)]


def test_the_counts_say_where_only_a_sample_is_kept() -> None:
    day, ever = Found((), None, 1_000, 1_000, 10), Found((), None, 5_000, 400, 10)
    words = text_of(ledger_head.ledger_counts(day, day, ever, (AT, AT)))
    assert "in a day, 1.0%" in words
    assert "of 5,000 ever made: a sample, or the newest" in words
    assert "all that were ever made" in text_of(ledger_head.ledger_counts(day, day, day, (AT, AT)))


def test_the_news_are_counted() -> None:
    assert predictions_view.news(0)[0].endswith("is-hidden")
    assert predictions_view.news(12) == ("ledger-news", "12\u00a0new predictions.")


def test_one_prediction_shows_all_of_it_and_takes_the_truth() -> None:
    kept = a_kept(share=0.25, challenger=ChallengerAnswer(2, "yes", {"yes": 0.6, "no": 0.4}))
    words = text_of(prediction_view.details(kept, a_model(1), "/ml"))
    for part in ("sent as JSON", "25.0% were kept", "version 2, says the same", NASTY, "missing", "p7", "It was in fact"):
        assert part in words
    assert "so the answer was wrong" in text_of(prediction_view.truth_form(replace(kept, actual="no"), a_model(1)))
    assert "(deleted)" in text_of(prediction_view.details(kept, None, ""))


@pytest.mark.parametrize(
    ("kept", "given", "actual"),
    [(a_kept(), "1", "no"), (a_kept(), "none", None), (a_kept(), None, None), (a_value(), 3, 3.0), (a_value(), "", None)],
)
def test_the_control_of_the_truth_is_read(kept: KeptPrediction, given: Any, actual: Any) -> None:
    assert prediction_view.said_to_be_true(kept, a_model(1), given) == actual


def test_an_interval_says_how_sure_it_is() -> None:
    model = a_model(1, task=Task.REGRESSION, labels=(), bands=Bands(0.9, (), (-2.0,), (3.0,), 0.89))
    assert "In 9 of 10 such cases the real value lies between 10.0 and 15.0." in text_of(prediction_view.details(a_value(), model, ""))


@pytest.mark.parametrize(
    ("score", "interval", "words"),
    [
        (a_score(), None, "as tested"),
        (a_score(n=9), None, "too few to tell"),
        (a_score(high=0.82), None, "Worse than tested"),
        (a_score(high=0.82), (0.8, 0.9), "as tested"),
        (a_score(low=0.86, high=0.9, value=0.88), None, "Better than tested"),
        (a_score(name="RMSE", value=9.0, low=8.0, high=10.0, tested=5.0), None, "Worse than tested"),
    ],
)
def test_a_live_score_is_judged_where_the_intervals_lie_apart(score: LiveScore, interval: Any, words: str) -> None:
    model = a_model(1, intervals={} if interval is None else {"accuracy": interval})
    assert words in text_of(live_scores.live_scores_card([score], {1: model}, ""))


def test_the_challenger_is_compared_and_nothing_is_made_of_overlapping_intervals() -> None:
    challenger = Challenger("model2", 2, AT)
    difference = Difference(a_kept(), "no", {"yes": 0.4, "no": 0.6}, 0.35)
    compared = Comparison("model2", 2, AT, 200, 190, 0.031, 50, a_score(), a_score(2, value=0.85), (difference,))
    words = text_of(challenger_view.challenger_part(challenger, compared, "/ml"))
    for part in ("Version 2 has run as challenger", "95.0%", "0.031", "the two intervals overlap", "35.0 points", "Use This Model", "Stop"):
        assert part.casefold() in words.casefold()
    better = replace(compared, live=a_score(high=0.82), challenger=a_score(2, value=0.9, low=0.85, high=0.95))
    assert "The challenger is better here" in text_of(challenger_view.challenger_part(challenger, better, ""))
    assert "No row has come" in text_of(challenger_view.challenger_part(challenger, None, ""))
    assert "/ml/models" in links_in(challenger_view.challenger_part(None, None, "/ml"))


@pytest.mark.parametrize(
    ("state", "challenger", "has_live", "words"),
    [
        ("ready", None, True, "Run as challenger"),
        ("ready", Challenger("other", 9, AT), True, "It takes the place of version 9."),
        ("ready", Challenger("me", 2, AT), True, "It runs beside the live model."),
        ("live", None, True, None),
        ("damaged", None, True, None),
        ("ready", None, False, None),
    ],
)
def test_a_version_can_challenge_where_another_is_live(
    state: str, challenger: Challenger | None, has_live: bool, words: str | None
) -> None:
    line = challenger_view.challenger_line(state, challenger, "me", has_live, "")
    assert line is None if words is None else words in text_of(line)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (
            Replayed(2, 100, 93, 0, 0.0312, (Difference(a_kept(), "no", None, 0.4),)),
            "2 answers 93 of the last 100 the same; the probability changes by 0.031",
        ),
        (Replayed(2, 100, 100, 0, 0.0, ()), "answers all of the last 100 the same, to the last digit."),
        (Replayed(2, 60, 60, 3, 0.0, ()), "These are all that are kept; you asked for 100."),
        (Replayed(2, 0, 0, 40, 0.0, ()), "fits version 2"),
        (Replayed(2, 0, 0, 0, 0.0, ()), "nothing to replay"),
        (
            Replayed(2, 100, 0, 0, 1500.0, (Difference(a_value(), 14.0, None, 2.0),)),
            "none of the last 100 the same; the answer changes by 1,500",
        ),
    ],
)
def test_a_replay_is_told_in_a_sentence(result: Replayed, words: str) -> None:
    assert words in text_of(replay_view.replayed(result, 100)).replace(" .", ".")


def test_words_of_users_stay_words() -> None:
    kept = a_kept(prediction=NASTY, probabilities={NASTY: 0.9, "no": 0.1}, actual=NASTY)
    for tree in (predictions_view.predictions_table([kept]), prediction_view.details(kept, a_model(1, labels=(NASTY, "no")), "")):
        assert NASTY in text_of(tree)


@pytest.mark.parametrize("part", ["", "accuracy", "challenger", "replay", "nonsense"])
def test_an_empty_install_says_what_to_do_and_gives_no_id_twice(services: Services, part: str) -> None:
    page = predictions.layout(services, part=part, open="nobody", version="x")
    assert len(ids_in(page)) == len(set(ids_in(page)))
    assert any(words in text_of(page) for words in ("No predictions yet", "Nobody has said", "No challenger runs", "nothing to replay"))
