from __future__ import annotations

import threading

from bsm_core.teacher.pace import Pace


def test_rate_limit_halves_once_for_all_that_were_under_way_and_success_raises_slowly() -> None:
    said: list[str] = []
    pace = Pace(8, said.append)
    with pace.turn() as early, pace.turn() as other:
        pace.limited(early, 0.0)
        pace.limited(other, 0.0)
    assert pace.allowed == 4
    assert len(said) == 1
    for _ in range(4):
        pace.went_well()
    assert pace.allowed == 4  # not quite five: each success adds a quarter, then less
    pace.went_well()
    assert pace.allowed == 5
    with pace.turn() as later:
        pace.limited(later, 0.0)
    assert pace.allowed == 2
    for _ in range(200):
        pace.went_well()
    assert pace.allowed == 8


def test_never_more_than_allowed_and_always_one() -> None:
    pace = Pace(2)
    for _ in range(5):
        with pace.turn() as started:
            pace.limited(started, 0.0)
    assert pace.allowed == 1
    entered = threading.Event()

    def second() -> None:
        with pace.turn():
            entered.set()

    with pace.turn():
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.05)
    assert entered.wait(5)
    thread.join()


def test_close_lets_those_who_wait_go_on() -> None:
    pace = Pace(1)
    with pace.turn() as started:
        pace.limited(started, 3600.0)
    thread = threading.Thread(target=lambda: pace.turn().__enter__())
    thread.start()
    pace.close()
    thread.join(5)
    assert not thread.is_alive()
