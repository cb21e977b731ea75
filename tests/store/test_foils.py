"""Foils in the store: which texts can be foils, and that no count of UUs sees what was said of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.foils import FoilJudgement, FoilKind, Question
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Verdict, perturbation_id
from bsm_core.errors import NotFoundError
from bsm_core.ports import UnknownFilter
from bsm_core.store import DuckStore
from tests.factories import BASELINE_ID, STUDY_ID, answer, make_judgement, moment
from tests.store.worlds import add_model, add_set, answers_of, attack_rows, predict, start

OUTCOMES = "++-se-"


def attacked(store: DuckStore) -> list[str]:
    """Six examples under an attack with OUTCOMES; returns their ids."""
    examples = start(store, validation=6).of(Split.VALIDATION)
    model = add_model(store)
    predict(store, model, answers_of(examples, "rrrwrr", [0.9] * 6))
    add_set(store, model, "set-1", attack_rows("set-1", examples, OUTCOMES, [0.9] * 6))
    return [one.example_id for one in examples]


def test_candidates_are_texts_the_attack_changed_and_the_originals_behind_them(store: DuckStore) -> None:
    examples = attacked(store)
    found = {(one.question.foil, one.question.item_id, one.example_id) for one in store.foils.candidates(BASELINE_ID)}
    uus = {(None, perturbation_id("set-1", examples[at]), examples[at]) for at in (0, 1)}
    held = {(FoilKind.HELD, perturbation_id("set-1", examples[at]), examples[at]) for at in (2, 5)}
    originals = {(FoilKind.ORIGINAL, examples[at], examples[at]) for at in (0, 1, 2, 5)}
    assert found == uus | held | originals
    assert store.foils.candidates("m-other") == []


def test_texts_come_in_the_order_asked_and_originals_are_unperturbed(store: DuckStore) -> None:
    examples = attacked(store)
    uu = Question(perturbation_id("set-1", examples[0]))
    original = Question(examples[2], FoilKind.ORIGINAL)
    held = Question(perturbation_id("set-1", examples[2]), FoilKind.HELD)
    shown = store.foils.texts(STUDY_ID, [held, uu, original])
    assert [one.question for one in shown] == [held, uu, original]
    (_, before, after) = store.foils.pairs(STUDY_ID, [held])[0]
    assert (shown[2].text, shown[0].text) == (before, after)
    assert before != after
    assert shown[2].label == shown[0].label == 0
    with pytest.raises(NotFoundError, match="has no attacked text 'absent'"):
        store.foils.texts(STUDY_ID, [Question("absent")])


def test_word_on_a_foil_moves_no_count_even_where_another_model_is_wrong_on_it(store: DuckStore) -> None:
    examples = attacked(store)
    other = add_model(store, Arm.RELABEL)
    labels = store.examples.table(STUDY_ID, Split.VALIDATION)["label"].to_pylist()
    predict(store, other, {one: answer(1 - label, 0.9) for one, label in zip(examples, labels, strict=True)})
    filters = [UnknownFilter(model, 0.65) for model in (BASELINE_ID, other)]
    before = [store.unknowns.counts(one) for one in filters]
    assert before[1].natural == 6
    store.foils.add(
        FoilJudgement(STUDY_ID, one.question.item_id, one.question.foil, Verdict.NO, "human", moment(40))
        for one in store.foils.candidates(BASELINE_ID)
        if one.question.foil
    )
    assert [store.unknowns.counts(one) for one in filters] == before
    assert store.judgements.ballots(STUDY_ID) == []


def test_foil_ballots_are_each_judge_s_latest_word(store: DuckStore) -> None:
    examples = attacked(store)
    for at, verdict in enumerate((Verdict.NO, Verdict.YES)):
        store.foils.add([FoilJudgement(STUDY_ID, examples[2], FoilKind.ORIGINAL, verdict, "human:ada", moment(at))])
    (ballot,) = store.foils.ballots(STUDY_ID)
    assert (ballot.verdict, ballot.kind, ballot.agent) == (Verdict.YES, FoilKind.ORIGINAL, "human:ada")


def test_items_of_a_set_are_the_model_s_wrong_answers_in_it(store: DuckStore) -> None:
    examples = attacked(store)
    assert store.judgements.items(BASELINE_ID, "set-1") == sorted(perturbation_id("set-1", one) for one in examples[:2])
    assert store.judgements.items(BASELINE_ID, "set-2") == []


def test_history_of_an_item_keeps_every_word_in_order(store: DuckStore) -> None:
    attacked(store)
    said = [("human", Verdict.NO), ("rule", Verdict.YES), ("human", Verdict.YES)]
    store.judgements.add_all(
        replace(make_judgement("p", verdict, at=at), agent=agent) for at, (agent, verdict) in enumerate(said)
    )
    assert [(one.agent, one.verdict) for one in store.judgements.history(STUDY_ID, "p")] == said
