from __future__ import annotations

import threading

from dashapp.application.recent import Recent


def test_an_answer_holds_until_its_key_changes() -> None:
    recent, made = Recent(), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [recent.get("a", minute, make) for minute in (1, 1, 2, 2)] == [1, 1, 2, 2]
    assert recent.get("b", 2, make) == 3


def test_many_who_ask_at_once_get_one_answer() -> None:
    recent, made, answers = Recent(), [], []
    together = threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return len(made)

    def ask() -> None:
        together.wait(10)
        answers.append(recent.get("a", 1, make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 8
