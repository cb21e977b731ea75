from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import (
    NothingToDoError,
    TeacherAnswerError,
    TeacherKeyError,
    TeacherRateLimitError,
    TeacherUnreachableError,
)
from bsm_core.teacher.scripted import ScriptedTeacher
from bsm_core.workflow.hypothesize import (
    MOST_FAILURES_IN_A_ROW,
    draft,
    hypotheses,
    spread_over_origins,
    trial_prompt,
)
from bsm_core.workflow.patterns import is_pattern
from tests.agents import make_unknown
from tests.factories import make_hypothesis, make_study

ABSTRACTION, EXTRAPOLATION = HypothesisKind.ABSTRACTION, HypothesisKind.EXTRAPOLATION
STUDY = make_study()
EMBEDDED = ScriptedTeacher([], embedded=True)  # the rules must not ask it anything

UNKNOWNS = [
    make_unknown("a brilliant film", "a brillant film", label=1, item_id="p1"),
    make_unknown("a tedious film", "a tedios film", label=0, item_id="p2"),
    make_unknown("a clever plan", "a celver plan", label=1, item_id="p3"),
    make_unknown("it began well but soon sank", label=0, item_id="e1"),
    make_unknown("who would not stay to the end ?", label=1, item_id="e2"),
]


def answers(count: int) -> list[str]:
    return [json.dumps({"hypothesis": f"It fails for cause {n}.", "reasoning": f"Case {n}."}) for n in range(count)]


def collect(
    teacher: ScriptedTeacher,
    size: int = 2,
    own: Sequence[Hypothesis] = (),
    unknowns: Sequence[UnknownUnknown] = UNKNOWNS,
    failures: list[str] | None = None,
) -> list[Hypothesis]:
    sizes = {ABSTRACTION: size, EXTRAPOLATION: size}
    return list(hypotheses(STUDY, unknowns, own, teacher, sizes, (failures or []).append))


def test_rules_group_uus_by_pattern_the_most_frequent_first() -> None:
    made = collect(EMBEDDED, size=20)
    first = made[0]
    assert (first.pattern, first.agent, first.kind) == ("typo/deletion/opinion", Agent.RULE, ABSTRACTION)
    assert set(first.source_item_ids) == {"p1", "p2"}
    assert '"brilliant" → "brillant"' in first.reasoning
    assert "2 UUs show this" in first.reasoning
    assert {one.pattern for one in made if one.kind is ABSTRACTION} >= {"typo/swap/opinion", "frame/contrast"}
    assert EMBEDDED.calls == []


def test_rule_names_the_direction_only_where_all_its_uus_share_it() -> None:
    by_pattern = {one.pattern: one.text for one in collect(EMBEDDED, size=20)}
    assert "positive" not in by_pattern["typo/deletion/opinion"]
    assert "positive" in by_pattern["typo/swap/opinion"]
    assert "negative" in by_pattern["typo/swap/opinion"]


def test_rules_extrapolate_to_weaknesses_nobody_named_each_from_a_parent_in_turn() -> None:
    made = collect(EMBEDDED, size=4)
    abstractions = [one for one in made if one.kind is ABSTRACTION]
    further = [one for one in made if one.kind is EXTRAPOLATION]
    assert [one.parent_hypothesis_id for one in further] == [one.hypothesis_id for one in abstractions]
    patterns = [one.pattern for one in made]
    assert len(set(patterns)) == len(patterns)
    assert all(is_pattern(key) for key in patterns)


def test_rules_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    def told(seed: int) -> list[tuple[str, str | None]]:
        study = make_study(seed=seed)
        made = hypotheses(study, UNKNOWNS, [], EMBEDDED, {ABSTRACTION: 4, EXTRAPOLATION: 9}, [].append)
        return [(one.text, one.pattern) for one in made]

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize("kept", [1, 3, 5])
def test_interrupted_run_goes_on_to_the_same_patterns(kept: int) -> None:
    whole = collect(EMBEDDED, size=4)
    resumed = [*whole[:kept], *collect(EMBEDDED, size=4, own=whole[:kept])]
    assert [one.pattern for one in resumed] == [one.pattern for one in whole]


def test_teacher_makes_one_abstraction_a_uu_and_extrapolations_from_them() -> None:
    teacher = ScriptedTeacher(answers(4))
    made = collect(teacher)
    assert [(one.kind, one.agent) for one in made] == [(ABSTRACTION, Agent.LM)] * 2 + [(EXTRAPOLATION, Agent.LM)] * 2
    assert [one.source_item_ids for one in made] == [("e1",), ("p1",), (), ()]  # origins take turns
    assert [one.parent_hypothesis_id for one in made[2:]] == [made[0].hypothesis_id, made[1].hypothesis_id]
    assert [one.call_id for one in made] == [call.call_id for call in teacher.calls]
    assert [prompt.template for prompt in teacher.prompts] == [
        "abstraction_natural",
        "abstraction",
        "extrapolation",
        "extrapolation",
    ]


def test_unusable_answers_are_told_and_the_next_uu_is_taken() -> None:
    failures: list[str] = ["start"]
    script = ["no format at all", TeacherRateLimitError("slow down"), *answers(4)]
    teacher = ScriptedTeacher(script)
    made = collect(teacher, failures=failures)
    assert len(made) == 4
    assert [one.source_item_ids for one in made[:2]] == [("e2",), ("p2",)]
    assert "no hypothesis" in failures[1]
    assert f"(call {teacher.calls[0].call_id})" in failures[1]
    assert "slow down" in failures[2]


def test_teacher_that_never_makes_sense_is_not_asked_forever() -> None:
    failures: list[str] = ["start"]
    teacher = ScriptedTeacher(["nonsense"] * 50)
    many = [make_unknown(f"text {n}", item_id=f"e{n}") for n in range(50)]
    assert collect(teacher, size=20, unknowns=many, failures=failures) == []
    assert len(teacher.calls) == MOST_FAILURES_IN_A_ROW
    assert "in a row" in failures[-1]


@pytest.mark.parametrize("error", [TeacherKeyError("bad key"), TeacherUnreachableError("no host")])
def test_refused_key_or_unreachable_endpoint_stops_at_once(error: TeacherKeyError | TeacherUnreachableError) -> None:
    teacher = ScriptedTeacher([*answers(1), error])
    made: list[Hypothesis] = []
    with pytest.raises(type(error)):
        made.extend(hypotheses(STUDY, UNKNOWNS, [], teacher, {ABSTRACTION: 3}, [].append))
    assert len(teacher.calls) == 2


def test_teachers_run_goes_on_behind_what_is_there() -> None:
    own = collect(ScriptedTeacher(answers(4)))[:3]
    teacher = ScriptedTeacher([json.dumps({"hypothesis": "Another.", "reasoning": "Why."})])
    (rest,) = collect(teacher, own=own)
    assert rest.kind is EXTRAPOLATION
    assert rest.parent_hypothesis_id == own[1].hypothesis_id  # the first has a child already


def test_origins_take_turns_until_one_is_used_up() -> None:
    assert [one.item_id for one in spread_over_origins(UNKNOWNS)] == ["e1", "p1", "e2", "p2", "p3"]


def test_draft_by_rule_proposes_another_pattern_the_second_time() -> None:
    items = [make_unknown("not a brilliant film", "nto a brillant film", item_id="p9")]
    first = draft(STUDY, ABSTRACTION, items, None, [], EMBEDDED)
    kept = [make_hypothesis("h1", Agent.RULE, sources=["p9"])]
    object.__setattr__(kept[0], "pattern", first.pattern)
    second = draft(STUDY, ABSTRACTION, items, None, kept, EMBEDDED)
    assert (first.agent, first.pattern, first.call_id) == (Agent.RULE, "typo/deletion/opinion", None)
    assert second.pattern == "typo/swap/negation"


def test_draft_by_rule_extrapolates_from_its_parent() -> None:
    parent = make_hypothesis("h1", Agent.RULE)
    drafted = draft(STUDY, EXTRAPOLATION, [], parent, [parent], EMBEDDED)
    assert (drafted.kind, drafted.agent) == (EXTRAPOLATION, Agent.RULE)
    assert parent.text[:40] in drafted.reasoning


def test_draft_by_a_teacher_lists_what_is_known_and_refuses_the_same_again() -> None:
    known = make_hypothesis("h1", sources=["p1"], text="It fails for cause 0.")
    teacher = ScriptedTeacher(answers(2))
    with pytest.raises(TeacherAnswerError, match="there already"):
        draft(STUDY, ABSTRACTION, UNKNOWNS[:1], None, [known], teacher)
    assert draft(STUDY, ABSTRACTION, UNKNOWNS[:1], None, [known], teacher).text == "It fails for cause 1."
    assert "It fails for cause 0." in teacher.prompts[0].messages[-1][1]
    assert teacher.prompts[0].seed is not None


def test_draft_without_ground_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="at least one UU"):
        draft(STUDY, ABSTRACTION, [], None, [], EMBEDDED)
    with pytest.raises(NothingToDoError, match="abstraction it starts from"):
        draft(STUDY, EXTRAPOLATION, UNKNOWNS, None, [], EMBEDDED)


def test_trial_prompt_asks_one_short_thing() -> None:
    assert trial_prompt().template == "trial"
