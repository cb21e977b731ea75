"""Who may decide on what: one reviewer, two blind ones, a third look, and undoing; two sessions at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bsm_core.domain.synthesis import DecisionKind, DecisionRole
from bsm_core.errors import ConfigError
from bsm_core.ports import SampleFilter
from bsm_core.store import DuckStore
from bsm_core.workbench.curation import Curation
from tests.factories import STUDY_ID, make_filled_store

APPROVED, REJECTED, PENDING = DecisionKind.APPROVED, DecisionKind.REJECTED, DecisionKind.PENDING
ADA, BOB, CYD = "human:Ada", "human:Bob", "human:Cyd"
OPEN = ("s-human-ext", "s-taken-back", "s-lm-far", "s-unchecked-1", "s-unchecked-2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckStore]:
    made = make_filled_store(tmp_path / "workbench.duckdb")
    yield made
    made.close()


@pytest.fixture
def one(store: DuckStore) -> Curation:
    return Curation(store)


@pytest.fixture
def two(store: DuckStore) -> Curation:
    made = Curation(store)
    made.require(STUDY_ID, 2)
    return made


def status(store: DuckStore, *sample_ids: str) -> list[DecisionKind]:
    return [store.samples.get(name).status for name in sample_ids]


def test_undo_brings_back_what_stood_before_step_by_step_also_of_many(one: Curation, store: DuckStore) -> None:
    names = ("s-human-ext", "s-rule-1", "s-short")
    before = status(store, *names)
    assert before == [PENDING, APPROVED, REJECTED]
    first = one.decide(names, REJECTED, "read again")
    second = one.decide(names[:2], APPROVED)
    assert one.undo(second.batch_id) == (2, 0)
    assert status(store, *names) == [REJECTED] * 3
    assert one.undo(first.batch_id) == (3, 0)
    assert status(store, *names) == before
    decision = store.samples.get("s-rule-1").decision
    assert decision is not None
    assert decision.policy == "gated"  # it is the policy's again, not a human's
    with pytest.raises(ConfigError, match="nothing to undo"):
        one.undo(first.batch_id)


def test_decision_made_meanwhile_is_not_overwritten_unseen(one: Curation, store: DuckStore) -> None:
    drawn = datetime.now(UTC)
    mine = one.decide(["s-human-ext"], REJECTED, reviewer=ADA)
    with pytest.raises(ConfigError, match="rejected meanwhile by Ada; look again"):
        one.decide(["s-human-ext"], APPROVED, reviewer=BOB, as_of=drawn)
    bulk = one.decide(["s-human-ext", "s-taken-back"], APPROVED, reviewer=BOB, as_of=drawn)
    assert (bulk.decided, tuple(bulk.refused)) == (("s-taken-back",), ("s-human-ext",))
    one.decide(["s-human-ext"], APPROVED, reviewer=BOB, as_of=datetime.now(UTC))  # having seen it
    with pytest.raises(ConfigError, match="decided on again"):
        one.undo(mine.batch_id)
    assert status(store, "s-human-ext") == [APPROVED]


def test_key_pressed_twice_says_it_once(one: Curation, store: DuckStore) -> None:
    drawn = datetime.now(UTC)
    one.decide(["s-human-ext"], APPROVED, as_of=drawn)
    assert one.decide(["s-human-ext"], APPROVED, as_of=drawn).decided == ()
    assert len(store.decisions.words(["s-human-ext"])) == 1


def test_sample_is_edited_once_and_the_old_version_is_closed(one: Curation) -> None:
    new = one.revise("s-human-ext", ("never a dull moment in these two breezy hours",), 1, ADA)
    assert new.writers == (ADA,)
    assert one.revise(new.sample_id, new.text, 0, BOB).writers == (ADA, BOB)
    with pytest.raises(ConfigError, match="newer version"):
        one.revise("s-human-ext", ("another edit of the same old version of it",), 1, BOB)
    with pytest.raises(ConfigError, match="newer version"):
        one.decide(["s-human-ext"], APPROVED)


def test_two_reviewers_agree_before_a_sample_counts(two: Curation, store: DuckStore) -> None:
    assert store.samples.approved(STUDY_ID) == []  # what one alone approved waits for two
    two.decide(["s-human-ext"], APPROVED, reviewer=ADA)
    assert status(store, "s-human-ext") == [PENDING]
    assert store.samples.get("s-human-ext").decision is None  # nothing to see for anybody
    assert two.words("s-human-ext", BOB) == []
    two.decide(["s-human-ext"], APPROVED, reviewer=BOB)
    assert [one.sample.sample_id for one in store.samples.approved(STUDY_ID)] == ["s-human-ext"]
    assert [word.reviewer for word in two.words("s-human-ext", CYD)] == [ADA, BOB]
    for reviewer in (ADA, CYD):
        with pytest.raises(ConfigError, match="third look"):
            two.decide(["s-human-ext"], REJECTED, reviewer=reviewer)


def test_disagreement_waits_for_a_third_look_with_a_reason(two: Curation, store: DuckStore) -> None:
    two.decide(["s-human-ext"], APPROVED, reviewer=ADA)
    with pytest.raises(ConfigError, match="after two opinions"):
        two.adjudicate("s-human-ext", APPROVED, "because", CYD)
    said = two.decide(["s-human-ext"], REJECTED, reviewer=BOB)
    state = store.samples.get("s-human-ext")
    assert (state.status, state.disagreed) == (PENDING, True)
    with pytest.raises(ConfigError, match="only a third look"):
        two.undo(said.batch_id)  # both have seen, or may have
    with pytest.raises(ConfigError, match="needs a reason"):
        two.adjudicate("s-human-ext", REJECTED, " ", CYD)
    settled = two.adjudicate("s-human-ext", REJECTED, "the label is doubtful", CYD)
    decision = store.samples.get("s-human-ext").decision
    assert decision is not None
    assert (decision.kind, decision.role) == (REJECTED, DecisionRole.ADJUDICATION)
    two.undo(settled.batch_id)
    assert store.samples.get("s-human-ext").disagreed


def test_nobody_decides_on_what_they_wrote_or_edited(two: Curation, store: DuckStore) -> None:
    text = ("a film that nobody will ever forget, however hard they try",)
    with pytest.raises(ConfigError, match="needs a name"):
        two.write("h-human", text, 0)
    own = two.write("h-human", text, 0, ADA)
    edited = two.revise("s-lm-far", text, 0, BOB)
    with pytest.raises(ConfigError, match="you wrote it"):
        two.decide([own.sample_id], APPROVED, reviewer=ADA)
    with pytest.raises(ConfigError, match="you wrote it"):
        two.decide([edited.sample_id], REJECTED, reviewer=BOB)
    with pytest.raises(ConfigError, match="needs a name"):
        two.decide([own.sample_id], APPROVED)
    with pytest.raises(ConfigError, match="no policy approves"):
        two.approve_by_policy(STUDY_ID)
    two.withdraw(own.sample_id, ADA)
    assert status(store, own.sample_id) == [REJECTED]


def test_queue_of_a_reviewer_shows_turns_and_gives_nothing_away(two: Curation, store: DuckStore) -> None:
    def listed(reviewer: str, turn: str) -> set[str]:
        wanted = SampleFilter(reviewer=reviewer, turn=turn)
        rows = store.samples.page(STUDY_ID, wanted).rows
        assert store.samples.place(STUDY_ID, wanted, None).total == len(rows)
        return {state.sample.sample_id for state in rows}

    two.decide(["s-human-ext", "s-lm-far"], APPROVED, reviewer=ADA)
    assert "s-human-ext" not in listed(ADA, "mine")
    assert listed(ADA, "second") == {"s-human-ext", "s-lm-far"}
    assert {"s-human-ext", "s-lm-far"} <= listed(BOB, "mine")
    two.decide(["s-human-ext"], REJECTED, reviewer=BOB)
    assert listed(CYD, "third") == {"s-human-ext"}
    assert "s-human-ext" not in listed(CYD, "mine")
    two.decide(["s-lm-far"], APPROVED, reviewer=BOB)
    found = two.agreement(STUDY_ID)
    assert (found.shared, found.agreed, found.pairs[0][:3]) == (2, 1, (ADA, BOB, 2))


def test_one_reviewer_again_counts_the_latest_word_and_loses_nothing(two: Curation, store: DuckStore) -> None:
    two.decide(["s-human-ext"], APPROVED, reviewer=ADA)
    two.require(STUDY_ID, 1)
    assert status(store, "s-human-ext", "s-rule-1", "s-short") == [APPROVED, APPROVED, REJECTED]


def test_two_sessions_at_once_never_give_a_third_opinion(two: Curation, store: DuckStore) -> None:
    refusals: list[str] = []

    def vote(reviewer: str) -> int:
        given = 0
        for name in OPEN:
            try:
                given += len(two.decide([name], APPROVED, reviewer=reviewer).decided)
            except ConfigError as error:
                refusals.append(str(error))
        return given

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(vote, [ADA, BOB, CYD, "human:Dot"]))
    assert sum(given) == len(refusals) == 2 * len(OPEN)
    assert all("two reviewers have decided" in refusal for refusal in refusals)
    assert status(store, *OPEN) == [APPROVED] * len(OPEN)


def test_place_names_the_next_open_one_and_begins_again_at_the_end(one: Curation, store: DuckStore) -> None:
    every = SampleFilter()
    place = store.samples.place(STUDY_ID, every, "s-taken-back")
    assert (place.next_open_id, place.open, place.total) == ("s-lm-far", 5, 15)
    last = store.samples.place(STUDY_ID, every, "s-unchecked-2")
    assert (last.next_id, last.next_open_id) == (None, "s-human-ext")
    one.decide(OPEN, REJECTED)
    assert store.samples.place(STUDY_ID, every, "s-taken-back").next_open_id is None


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (SampleFilter(gate="length"), ["s-short"]),
        (SampleFilter(kind="extrapolation", agent="rule"), ["s-rule-ext-1", "s-rule-ext-2"]),
        (SampleFilter(hypothesis_ids=("h-lm", "h-human-ext")), ["s-human-ext", "s-lm-far", "s-unchecked-2"]),
        (SampleFilter(overruled=True), []),
    ],
)
def test_filters_keep_what_they_say(store: DuckStore, wanted: SampleFilter, names: list[str]) -> None:
    assert [one.sample.sample_id for one in store.samples.page(STUDY_ID, wanted).rows] == names


def test_filters_by_answer_and_label_follow_the_baseline(store: DuckStore) -> None:
    rows = store.samples.page(STUDY_ID, SampleFilter()).rows
    answered = [one for one in rows if one.probabilities]

    def is_wrong(one: object) -> bool:
        found = one.probabilities  # type: ignore[attr-defined]
        return bool(found.index(max(found)) != one.sample.label)  # type: ignore[attr-defined]

    for answer, wanted in (
        ("right", [one for one in answered if not is_wrong(one)]),
        ("wrong", [one for one in answered if is_wrong(one)]),
        ("uu", [one for one in answered if is_wrong(one) and max(one.probabilities or ()) >= 0.66]),
    ):
        assert store.samples.page(STUDY_ID, SampleFilter(answer=answer, tau=0.66)).rows == wanted
    zero = store.samples.page(STUDY_ID, SampleFilter(label=0)).rows
    assert zero == [one for one in rows if one.sample.label == 0]
