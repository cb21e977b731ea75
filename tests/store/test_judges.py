"""Several judges: whose word counts, and what each of them said."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.ports import UnknownFilter
from bsm_core.store import DuckStore
from bsm_core.workflow.judge import decide
from tests.factories import BASELINE_ID, STUDY_ID, make_judgement
from tests.store.worlds import add_model, answers_of, predict, start

UNKNOWNS = UnknownFilter(BASELINE_ID, 0.65)
AGENTS = ("human", "human:ada", "lm:big", "rule")


def test_verdict_in_sql_is_the_one_in_python_for_every_vote(store: DuckStore) -> None:
    """All 4^4 ways in which four judges can speak or be silent."""
    examples = start(store, validation=256).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "w" * 256, [0.9] * 256))
    wanted: dict[str, Verdict | None] = {}
    for example, votes in zip(examples, product([*Verdict, None], repeat=4), strict=True):
        said = {agent: verdict for agent, verdict in zip(AGENTS, votes, strict=True) if verdict}
        wanted[example.example_id] = decide(said) if said else None
        for agent, verdict in said.items():
            store.judgements.add(replace(make_judgement(example.example_id, verdict), agent=agent))
    found = store.unknowns.page(UNKNOWNS, limit=300).rows
    assert {one.item_id: one.verdict for one in found} == wanted
    assert store.unknowns.counts(UNKNOWNS).judged_no == list(wanted.values()).count(Verdict.NO)


def test_ballots_are_each_judge_s_latest_word(store: DuckStore) -> None:
    item = start(store, validation=1).of(Split.VALIDATION)[0].example_id
    for at, (agent, verdict) in enumerate(
        [("human", Verdict.NO), ("rule", Verdict.YES), ("human", Verdict.UNSURE)], start=30
    ):
        store.judgements.add(replace(make_judgement(item, verdict, at=at), agent=agent))
    assert [(one.agent, one.verdict) for one in store.judgements.ballots(STUDY_ID)] == [
        ("human", Verdict.UNSURE),
        ("rule", Verdict.YES),
    ]
    assert store.judgements.ballots("st-other") == []


@pytest.mark.parametrize("origin", [None, UUOrigin.ADVERSARIAL, UUOrigin.NATURAL])
def test_ids_are_those_of_all_pages_with_the_judged_ones(filled: DuckStore, origin: UUOrigin | None) -> None:
    unknowns = replace(UNKNOWNS, origin=origin)
    page = filled.unknowns.page(unknowns, limit=1000)
    assert filled.unknowns.ids(unknowns) == sorted(one.item_id for one in page.rows)
    assert len(page.rows) == page.total > 0
