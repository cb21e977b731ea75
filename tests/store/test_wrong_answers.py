"""The narrow copy of wrong predictions, and figures that are remembered: both say what the predictions say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bsm_core.bench.big_study import MODEL_ID, STUDY_ID, make_big_study
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import UUOrigin, Verdict
from bsm_core.ports import Position, UnknownCounts, UnknownFilter
from bsm_core.store import DuckStore, open_store
from bsm_core.store.connection import Database
from bsm_core.store.remembered import Remembered
from bsm_core.store.schema import migrations
from tests.factories import BASELINE_ID, answer, make_judgement
from tests.store.worlds import add_model, add_set, answers_of, attack_rows, predict, start

ALL = UnknownFilter(MODEL_ID, 0.65)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckStore]:
    """Eight hundred predictions drawn by seed, every tenth mistake judged."""
    path = tmp_path_factory.mktemp("drawn") / "workbench.duckdb"
    make_big_study(path, 800, seed=5)
    opened = open_store(path)
    for number, row in enumerate(mistakes(opened)[::10]):
        opened.judgements.add(make_judgement(row["item_id"], list(Verdict)[number % 3], study_id=STUDY_ID))
    yield opened
    opened.close()


def mistakes(store: DuckStore) -> list[dict[str, Any]]:
    """Told by hand, in the list's order: all predictions, and the verdict and texts of each wrong one."""
    predictions = store._database.rows("FROM predictions")
    verdicts = {row["item_id"]: row["verdict"] for row in store._database.rows("FROM judgements ORDER BY created_at")}
    texts = {row["example_id"]: row["text"] for row in store._database.rows("FROM examples")}
    texts |= {
        row["perturbation_id"]: row["original_text"] + "\n" + row["perturbed_text"]
        for row in store._database.rows("FROM perturbations")
    }
    wrong = [
        {**row, "verdict": verdicts.get(row["item_id"]), "text": texts[row["item_id"]]}
        for row in predictions
        if row["predicted"] != row["label"] and row["outcome"] in (None, "successful") and not row["repeated"]
    ]
    return sorted(wrong, key=lambda row: (-row["confidence"], row["item_id"]))


def fits(row: dict[str, Any], unknowns: UnknownFilter) -> bool:
    kinds = {UUOrigin.NATURAL: "example", UUOrigin.ADVERSARIAL: "perturbation"}
    low, high = unknowns.confidence_low or 0.0, unknowns.confidence_high or 1.0
    return (
        row["confidence"] >= max(unknowns.tau, low)
        and (row["confidence"] < high or high == 1.0)
        and (unknowns.origin is None or row["item_kind"] == kinds[unknowns.origin])
        and unknowns.label in (None, row["label"])
        and unknowns.predicted in (None, row["predicted"])
        and unknowns.verdict in (None, row["verdict"] or "unjudged")
        and unknowns.search.lower() in row["text"].lower()
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tau": 0.9},
        {"origin": UUOrigin.NATURAL},
        {"origin": UUOrigin.ADVERSARIAL, "label": 1},
        {"predicted": 0, "tau": 0.51},
        {"confidence_low": 0.7, "confidence_high": 0.8},
        {"search": "secret"},
        {"search": "S3A", "origin": UUOrigin.ADVERSARIAL},
        {"verdict": "unjudged", "tau": 0.8},
        {"verdict": "no"},
        {"verdict": "yes", "search": "light"},
    ],
)
def test_every_answer_agrees_with_counting_by_hand(drawn: DuckStore, changes: dict[str, Any]) -> None:
    unknowns = replace(ALL, **changes)
    wanted = [row for row in mistakes(drawn) if fits(row, unknowns)]
    ids = [row["item_id"] for row in wanted]
    assert len(ids) > 2
    for _ in range(2):  # the second time from memory
        page = drawn.unknowns.page(unknowns, limit=7, offset=1)
        assert ([uu.item_id for uu in page.rows], page.total) == (ids[1:8], len(ids))
        assert [uu.verdict for uu in page.rows] == [row["verdict"] for row in wanted[1:8]]
        assert drawn.unknowns.position(unknowns, ids[1]) == Position(2, len(ids), ids[0], ids[2])
        verdicts = Counter(row["verdict"] for row in wanted)
        kept = [row for row in wanted if row["verdict"] != "no"]
        origins = Counter(row["item_kind"] for row in kept)
        assert drawn.unknowns.counts(unknowns) == UnknownCounts(
            origins["example"], origins["perturbation"], verdicts["yes"], verdicts["no"], verdicts["unsure"]
        )
        pairs = Counter((row["label"], row["predicted"]) for row in kept)
        assert drawn.unknowns.label_pairs(unknowns) == [(*pair, pairs[pair]) for pair in sorted(pairs)]
        anywhere = replace(unknowns, tau=0.5, confidence_low=None, confidence_high=None)
        bars = drawn.unknowns.histogram(unknowns)
        assert sum(bar.natural + bar.adversarial for bar in bars) == sum(fits(row, anywhere) for row in mistakes(drawn))
    assert drawn.unknowns.get(MODEL_ID, ids[1]) == drawn.unknowns.page(unknowns, limit=1, offset=1).rows[0]


def test_a_verdict_changes_the_figures_at_once(store: DuckStore) -> None:
    examples = start(store, validation=3).of(Split.VALIDATION)
    predict(store, add_model(store), answers_of(examples, "www", [0.9, 0.85, 0.8]))
    unknowns = UnknownFilter(BASELINE_ID, 0.65)
    assert store.unknowns.counts(unknowns).total == 3
    assert store.unknowns.label_pairs(unknowns) == [(0, 1, 2), (1, 0, 1)]
    store.judgements.add(make_judgement(examples[1].example_id, Verdict.NO))
    assert store.unknowns.counts(unknowns) == UnknownCounts(2, 0, 0, 1, 0)
    assert store.unknowns.label_pairs(unknowns) == [(0, 1, 2)]


def test_new_predictions_change_figures_places_and_search_at_once(store: DuckStore) -> None:
    examples = start(store, validation=3).of(Split.VALIDATION)
    model = add_model(store)
    predict(store, model, answers_of(examples[:1], "w", [0.7]))
    unknowns = UnknownFilter(BASELINE_ID, 0.65)
    searched = replace(unknowns, search=examples[0].text[0][:8])
    first = examples[0].example_id
    assert store.unknowns.position(unknowns, first) == Position(1, 1, None, None)
    assert (store.unknowns.page(searched).total, sum(one.natural for one in store.unknowns.histogram(unknowns))) == (
        1,
        1,
    )
    predict(store, model, answers_of(examples[1:], "ww", [0.8, 0.9]))
    [added] = add_set(store, model, "set1", attack_rows("set1", examples[:1], "+", [0.99]))
    listed = [examples[2].example_id, examples[1].example_id, first]
    assert store.unknowns.position(unknowns, first) == Position(4, 4, listed[1], None)
    assert [uu.item_id for uu in store.unknowns.page(unknowns).rows] == [added, *listed]
    assert sum(one.natural + one.adversarial for one in store.unknowns.histogram(unknowns)) == 4
    assert added in [uu.item_id for uu in store.unknowns.page(searched).rows]


def test_an_answer_that_comes_twice_is_wrong_once(store: DuckStore) -> None:
    examples = start(store, validation=2).of(Split.VALIDATION)
    model = add_model(store)
    for _ in range(2):
        predict(store, model, {example.example_id: answer(1 - example.label, 0.9) for example in examples})
    assert store.unknowns.counts(UnknownFilter(BASELINE_ID, 0.65)) == UnknownCounts(2, 0, 0, 0, 0)


def test_wrong_answers_of_a_file_from_before_are_filled_in(database: Path) -> None:
    make_big_study(database, 300, seed=1)
    opened = Database(database)
    filling = next(sql for version, _, sql in migrations() if version == 2)
    with opened.writing() as session:
        session.execute("DROP TABLE wrong_answers")
        session.execute(filling)
    opened.close()
    store = open_store(database)
    found = store.unknowns.page(replace(ALL, tau=0.5001), limit=1000)
    assert [uu.item_id for uu in found.rows] == [
        row["item_id"] for row in mistakes(store) if row["confidence"] > 0.5001
    ]
    assert found.total > 50
    store.close()


def test_remembered_asks_once_a_state_and_forgets_the_oldest() -> None:
    asked: list[str] = []
    memory: Remembered[str] = Remembered(size=2)

    def ask(state: int, question: str) -> str:
        return memory.get(state, question, lambda: asked.append(question) or f"{question} at {state}")

    assert [ask(1, "a"), ask(1, "a"), ask(1, "b"), ask(1, "a")] == ["a at 1", "a at 1", "b at 1", "a at 1"]
    assert asked == ["a", "b"]
    assert ask(2, "a") == "a at 2"  # "b" is forgotten: it was used longest ago
    assert ask(1, "a") == "a at 1"
    assert asked == ["a", "b", "a"]
    assert ask(1, "b") == "b at 1"
    assert asked == ["a", "b", "a", "b"]
