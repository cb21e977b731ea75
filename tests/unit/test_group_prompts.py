"""Prompts about several UUs: how many are shown, in which order, how much of each."""

from __future__ import annotations

import pytest

from bsm_core.domain.hypotheses import HypothesisKind
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.workflow.prompts import MOST_EXAMPLES, MOST_GROUP_CHARACTERS, hypothesis_prompt
from tests.agents import make_unknown
from tests.factories import make_task


def prompt_of(items: list[UnknownUnknown]) -> str:
    prompt = hypothesis_prompt(make_task(), HypothesisKind.ABSTRACTION, items, None, [], seed=0)
    return "\n".join(text for _, text in prompt.messages)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_group_prompt_shows_the_first_pairs_in_order(size: int) -> None:
    text = prompt_of([make_unknown(f"original {n} .", f"orignal {n} .") for n in range(size)])
    shown = [n for n in range(size) if f"original {n} ." in text and f"orignal {n} ." in text]
    assert shown == list(range(min(size, MOST_EXAMPLES)))
    assert [text.index(f"original {n} .") for n in shown] == sorted(text.index(f"original {n} .") for n in shown)


def test_long_group_is_cut_to_equal_shares_and_a_single_long_text_is_not() -> None:
    long = [make_unknown(f"{n} " + "o" * 9_000, f"{n} " + "p" * 9_000) for n in range(5)]
    text = prompt_of(long)
    assert text.count("more characters]") == 10
    assert len(text) < MOST_GROUP_CHARACTERS + 4_000
    assert "p" * 5_000 in prompt_of(long[:1])
