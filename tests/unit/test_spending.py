from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.teaching import Prompt
from bsm_core.errors import ConfigError, SpendingCapError
from bsm_core.workflow.spending import Purse
from tests.factories import make_call

PRICED = TeacherConfig("http://127.0.0.1:9/v1", "m", price_prompt=1.0, price_completion=2.0)
PROMPT = Prompt("t", "1", (("user", "x" * 297),), None, 100, 0.0)
"""At most 100 tokens read and 100 written."""


def paid(tokens: int):
    return replace(make_call(), prompt_tokens=tokens, completion_tokens=0, cost=None)


def test_money_cap_without_prices_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="Settings page, or give a cap in tokens"):
        Purse(TeacherConfig("http://127.0.0.1:9/v1", "m"), cap_usd=1.0)


def test_what_a_call_may_cost_at_most_is_set_aside_and_given_back() -> None:
    purse = Purse(PRICED, cap_tokens=400)
    first = purse.reserve(PROMPT)
    assert first == (200, pytest.approx(0.0003))
    second = purse.reserve(PROMPT)
    purse.note(paid(150))
    purse.settle(first)
    purse.note(paid(150))
    purse.settle(second)
    assert purse.spent.tokens == 300
    with pytest.raises(SpendingCapError, match=r"cap reached: 300 tokens .* of 400 tokens"):
        purse.reserve(PROMPT)


def test_call_waits_for_those_under_way_since_they_may_cost_less() -> None:
    purse = Purse(PRICED, cap_tokens=300)
    under_way = purse.reserve(PROMPT)
    got = threading.Event()

    def ask() -> None:
        purse.reserve(PROMPT)
        got.set()

    thread = threading.Thread(target=ask)
    thread.start()
    assert not got.wait(0.05)
    purse.note(paid(50))
    purse.settle(under_way)
    assert got.wait(5)
    thread.join()


def test_money_is_capped_too_and_earlier_calls_count_but_cached_ones_do_not() -> None:
    purse = Purse(PRICED, cap_usd=0.0005)
    purse.add([replace(make_call(), cost=0.0002), replace(make_call(), cost=0.3, reused_from="c-old")])
    purse.settle(purse.reserve(PROMPT))
    purse.add([replace(make_call(), cost=0.0002)])
    assert (purse.spent.calls, purse.spent.reused) == (2, 1)
    with pytest.raises(SpendingCapError, match=r"\$0.0005"):
        purse.reserve(PROMPT)


def test_batch_is_cut_to_what_is_left() -> None:
    purse = Purse(PRICED, cap_tokens=500)
    assert len(purse.reserved_first([PROMPT] * 5)) == 2


def test_unreported_usage_is_estimated_from_the_texts_and_a_call_without_an_answer_costs_nothing() -> None:
    purse = Purse(PRICED)
    purse.note(replace(make_call(), prompt=PROMPT, answer="y" * 40, prompt_tokens=None, completion_tokens=None))
    assert purse.spent.tokens == round(297 / 4) + 10
    purse.note(replace(make_call(error="timeout"), answer=""))
    assert purse.spent.tokens == round(297 / 4) + 10
    assert purse.spent.failed == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rounds", 0, "use 1 to 10"),
        ("cap_usd", 0.0, "more than"),
        ("temperature", 3.0, "0 to 2"),
        ("at_once", 65, "64"),
    ],
)
def test_impossible_order_is_refused(field: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WriteOrder(1, 1, **{field: value})  # type: ignore[arg-type]
