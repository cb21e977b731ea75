"""The bench of the gates: what is reckoned, and what is measured on."""

from __future__ import annotations

import pytest

from bsm_core.bench.gate import Options, Timing, reckoned, run
from bsm_core.bench.gate_texts import copies, kinds, sentences
from bsm_core.errors import WorkbenchError


def test_reckoned_time_counts_once_what_is_there_once() -> None:
    few, more = Timing("bert_score", 1, 100, 12.0, 10.0), Timing("bert_score", 4, 100, 18.0, 13.0)
    whole = reckoned(few, more, 500)
    assert (whole.seconds, whole.processor) == (12.0 + 499 * 2.0, 10.0 + 499 * 1.0)
    assert whole.reckoned


def test_kinds_are_of_one_size_and_drawn_by_seed() -> None:
    drawn = sentences(60, seed=0)
    made = kinds(drawn[:10], drawn[10:], seed=0)
    assert {name: len(texts) for name, texts in made.bad.items()} == dict.fromkeys(made.bad, 10)
    assert kinds(drawn[:10], drawn[10:], seed=0) == made
    assert sorted(made.bad["shuffled"][0][0].split()) == sorted(drawn[0][0].split())
    assert copies(drawn[:5], seed=0)["copies of test"] == drawn[:5]


def test_more_sentences_than_there_are_and_too_few_candidates_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="9,999,999 sentences are asked for"):
        sentences(9_999_999, seed=0)
    with pytest.raises(WorkbenchError, match="--candidates 2 --references 500 is too small"):
        run(Options(candidates=2, references=500), None)
