from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from dashapp.database.engine import Database
from dashapp.errors import Conflict, NotFound
from dashapp.monitoring.alert_outbox import CLAIM_S, Due, Outbox, channel_of, pause_s
from dashapp.monitoring.alert_rules import Finding
from dashapp.monitoring.alert_store import AlertStore
from dashapp.monitoring.alert_watch import Action
from dashapp.monitoring.told import Alert, Cause, Link, LinkKind, Severity

NOW = 1_800_000_000.0
FOUND = Finding("memory_high", "here", True, "Memory in use is at 92 % (limit 90 %)", 92.0, 90.0)
CAUSE = Cause("The trainer holds it", ("3 GB",), (Link(LinkKind.RUN, "r1", "Training of y on x.csv"),))


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, ["first", "second"])


@pytest.fixture
def store(database: Database, outbox: Outbox) -> AlertStore:
    return AlertStore(database, outbox)


class Changing:
    """Raising and resolving, each in a transaction of its own."""

    def __init__(self, database: Database, store: AlertStore) -> None:
        self._database, self._store = database, store

    def add(self, finding: Finding = FOUND, now: float = NOW, cause: Cause | None = CAUSE) -> Alert | None:
        with self._database.write() as transaction:
            return self._store.add(transaction, finding, Severity.WARNING, cause, now)

    def resolve(self, alert: Alert | None, now: float = NOW + 60) -> Alert | None:
        assert alert is not None
        with self._database.write() as transaction:
            return self._store.resolve(transaction, alert, "back at 50 %", now)

    def mute(self, rule: str, until: float) -> None:
        with self._database.write() as transaction:
            self._store.mute(transaction, rule, until, "me")

    def unmute(self, rule: str) -> None:
        with self._database.write() as transaction:
            self._store.unmute(transaction, rule)


@pytest.fixture
def change(database: Database, store: AlertStore) -> Changing:
    return Changing(database, store)


def test_an_alert_comes_back_as_it_went_in(store: AlertStore, change: Changing) -> None:
    raised = change.add()
    assert raised is not None and raised.is_standing
    assert store.get(raised.id) == raised == store.standing()[0]
    assert (raised.rule, raised.about, raised.value, raised.cause) == ("memory_high", "here", 92.0, CAUSE)
    assert raised.raised_at.timestamp() == NOW


def test_one_stands_for_each_thing_and_another_may_come_after_it(store: AlertStore, change: Changing) -> None:
    first = change.add()
    assert change.add() is None
    assert change.add(replace(FOUND, about="there")) is not None
    assert change.resolve(first) is not None
    assert change.resolve(first) is None
    assert change.add() is not None
    assert [each.about for each in store.standing()] == ["there", "here"]
    assert [store.count(state) for state in (None, True, False)] == [3, 2, 1]


def test_many_who_raise_the_same_at_once_raise_it_once(database: Database, store: AlertStore, change: Changing) -> None:
    raised: list[Alert | None] = []
    threads = [threading.Thread(target=lambda: raised.append(change.add())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(raised) == 8 and sum(each is not None for each in raised) == store.count() == 1


def test_lists_are_newest_first_and_go_on_before_an_id(store: AlertStore, change: Changing) -> None:
    for number in range(5):
        change.add(replace(FOUND, about=str(number)))
    change.resolve(store.standing()[1])
    assert [each.about for each in store.all(limit=2)] == ["4", "3"]
    assert [each.about for each in store.all(before=int(store.all(limit=2)[-1].id))] == ["2", "1", "0"]
    assert [each.about for each in store.all(is_standing=False)] == ["1"]
    assert [each.about for each in store.all(is_standing=True)] == ["4", "3", "2", "0"]


@pytest.mark.parametrize("alert_id", ["1", "x", "", "-1", "²", "9" * 30, "1.0"])
def test_an_alert_that_does_not_exist_is_not_found(store: AlertStore, alert_id: str) -> None:
    with pytest.raises(NotFound):
        store.get(alert_id)


def test_the_first_who_acknowledges_stays(database: Database, store: AlertStore, change: Changing) -> None:
    raised = change.add()
    assert raised is not None
    with database.write() as transaction:
        assert store.acknowledge(transaction, raised.id, "ann", NOW + 1)
        assert not store.acknowledge(transaction, raised.id, "bob", NOW + 2)
    assert store.get(raised.id).acknowledged_by == "ann"
    change.resolve(raised)
    with database.write() as transaction, pytest.raises(Conflict):
        store.acknowledge(transaction, raised.id, "bob", NOW + 3)


def test_a_mute_holds_until_its_time(store: AlertStore, change: Changing) -> None:
    raised = change.add()
    assert raised is not None
    change.mute("memory_high", time.time() + 100)
    change.mute("memory_high", time.time() + 200)
    (mute,) = store.mutes(time.time() + 150)
    assert (mute.rule, mute.by) == ("memory_high", "me")
    assert store.get(raised.id).muted_until == mute.until
    assert store.mutes(time.time() + 250) == []


def test_what_was_over_long_ago_is_pruned_with_its_messages(
    database: Database, store: AlertStore, outbox: Outbox, change: Changing
) -> None:
    old, standing = change.add(), change.add(replace(FOUND, about="there"))
    change.resolve(old)
    with database.write() as transaction:
        assert store.prune(transaction, NOW + 61) == 1
    assert old is not None and standing is not None
    assert [each.id for each in store.all()] == [standing.id]
    assert outbox.deliveries(old.id) == [] and len(outbox.deliveries(standing.id)) == 2


def told(due: list[Due]) -> list[tuple[str, str, bool]]:
    return [(each.action.value, each.channel, each.is_over) for each in due]


def test_each_channel_is_told_that_it_was_raised_and_then_that_it_is_over(outbox: Outbox, change: Changing) -> None:
    raised = change.add()
    due = outbox.claim(NOW)
    assert told(due) == [("raised", "first", False), ("raised", "second", False)]
    assert outbox.claim(NOW + 1) == []
    outbox.delivered(due[0], NOW + 1)
    change.resolve(raised)
    later = outbox.claim(NOW + 61)
    assert told(later) == [("raised", "second", True), ("resolved", "first", False)]
    for each in later:
        outbox.delivered(each, NOW + 62)
    assert outbox.claim(NOW + 1e6) == []
    assert raised is not None
    assert all(each.delivered_at is not None for each in outbox.deliveries(raised.id)) and len(outbox.deliveries(raised.id)) == 4


def test_over_is_never_told_before_raised(outbox: Outbox, change: Changing) -> None:
    raised = change.add()
    first, second = outbox.claim(NOW)
    outbox.failed(first, "answered with status 500", NOW + 1)
    outbox.delivered(second, NOW + 1)
    change.resolve(raised, NOW + 2)
    assert told(outbox.claim(NOW + 3)) == [("resolved", "second", False)]
    assert told(outbox.claim(NOW + 11)) == [("raised", "first", True)]


def test_both_are_told_at_once_where_both_wait(outbox: Outbox, change: Changing) -> None:
    change.resolve(change.add(), NOW + 1)
    due = outbox.claim(NOW + 2)
    assert told(due) == [("raised", "first", True), ("raised", "second", True)]
    for each in due:
        outbox.delivered(each, NOW + 3)
    assert outbox.claim(NOW + 1e6) == []


def test_what_nobody_wrote_down_is_sent_again(outbox: Outbox, change: Changing) -> None:
    change.add()
    assert len(outbox.claim(NOW)) == 2
    assert outbox.claim(NOW + CLAIM_S - 1) == []
    assert [each.attempts for each in outbox.claim(NOW + CLAIM_S)] == [2, 2]


def test_pauses_grow_and_end_after_a_day() -> None:
    pauses = [pause_s(attempts) for attempts in range(1, 80)]
    known = [pause for pause in pauses if pause is not None]
    assert known[:4] == [10, 20, 40, 80] and known == sorted(known) and max(known) == 1800
    assert 0.9 * 86400 < sum(known) <= 86400
    assert pauses[len(known) :] == [None] * (len(pauses) - len(known))


def test_what_cannot_be_delivered_is_given_up_and_its_end_is_not_told(outbox: Outbox, change: Changing) -> None:
    raised, now, attempts = change.add(), NOW, 0
    while due := outbox.claim(now):
        attempts += 1
        for each in due:
            outbox.failed(each, "it could not be reached, or refused", now)
        now += pause_s(attempts) or 1e9
    assert attempts > 20 and now > NOW + 1e9
    change.resolve(raised, now)
    assert outbox.claim(now + 1e6) == []
    assert raised is not None
    (first, _) = outbox.deliveries(raised.id)
    assert (first.error, first.next_at, first.delivered_at) == ("it could not be reached, or refused", None, None)


def test_a_muted_rule_sends_nothing_and_what_still_stands_is_told_afterwards(outbox: Outbox, change: Changing) -> None:
    change.mute("memory_high", NOW + 3600)
    change.add()
    change.add(replace(FOUND, rule="disk_low"))
    for each in outbox.claim(NOW):
        assert each.alert_id == "2"
        outbox.delivered(each, NOW + 1)
    assert outbox.claim(NOW + 3599) == []
    assert told(outbox.claim(NOW + 3600)) == [("raised", "first", False), ("raised", "second", False)]


def test_what_was_raised_and_over_while_it_was_muted_is_never_told(outbox: Outbox, change: Changing) -> None:
    change.mute("memory_high", NOW + 3600)
    change.resolve(change.add())
    assert outbox.claim(NOW + 1e6) == []


def test_what_waits_is_told_when_the_mute_is_taken_back(outbox: Outbox, change: Changing) -> None:
    change.mute("memory_high", NOW + 3600)
    change.add()
    change.unmute("memory_high")
    assert len(outbox.claim(NOW + 1)) == 2


def test_a_channel_that_is_no_more_is_let_go_of(database: Database, outbox: Outbox, change: Changing) -> None:
    change.add()
    other = Outbox(database, ["second", "third"])
    assert told(other.claim(NOW)) == [("raised", "second", False)]
    assert outbox.claim(NOW + 1) == []


def test_without_channels_nothing_is_kept_to_be_sent(database: Database) -> None:
    outbox = Outbox(database, [])
    raised = Changing(database, AlertStore(database, outbox)).add()
    assert raised is not None
    assert outbox.deliveries(raised.id) == [] and outbox.claim(NOW) == []


def test_a_url_is_known_by_a_short_name_that_gives_nothing_away() -> None:
    assert channel_of("json://user:secret@host/") == channel_of("json://user:secret@host/") != channel_of("json://user:other@host/")
    assert len(channel_of("json://user:secret@host/")) == 12


def test_actions_are_those_of_the_facts() -> None:
    assert [each.value for each in Action] == ["raised", "resolved"]
