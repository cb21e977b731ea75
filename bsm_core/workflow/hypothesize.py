"""Hypotheses from UUs: by the teacher, or by rule where the teacher is too small to make them (2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, cycle, islice, zip_longest

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisDraft, HypothesisKind
from bsm_core.domain.studies import Study
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import UnknownUnknown, UUOrigin
from bsm_core.errors import (
    NothingToDoError,
    TeacherAnswerError,
    TeacherError,
    TeacherKeyError,
    TeacherUnreachableError,
)
from bsm_core.ports import Teacher
from bsm_core.workflow import prompts, rules
from bsm_core.workflow.parsing import parse_hypothesis
from bsm_core.workflow.specs import new_id
from bsm_core.workflow.templates import LoadTemplate

MOST_FAILURES_IN_A_ROW = 8
"""Then the teacher is not asked any more: it will not do better on the next UU, and it may cost money."""
_RULE_EXTRAPOLATIONS = 12
"""At most, by rule: the catalogue's main weaknesses. Samples are spread over them."""

OnFailure = Callable[[str], None]


def draft(
    study: Study,
    kind: HypothesisKind,
    items: Sequence[UnknownUnknown],
    parent: Hypothesis | None,
    existing: Sequence[Hypothesis],
    teacher: Teacher,
    load: LoadTemplate | None = None,
) -> HypothesisDraft:
    """One hypothesis about ``items``, or one extrapolation from ``parent``, unlike the ``existing`` ones on the same
    ground; not stored.

    Raises NothingToDoError without items or parent, and TeacherError when the teacher gives no usable answer.
    """
    if kind is HypothesisKind.EXTRAPOLATION and parent is None:
        raise NothingToDoError("an extrapolation needs the abstraction it starts from; choose one")
    if kind is HypothesisKind.ABSTRACTION and not items:
        raise NothingToDoError("a hypothesis needs at least one UU to explain; choose some on the Browse page")
    if not teacher.is_embedded:
        same = _on_same_ground(kind, items, parent, existing)
        return _asked(study, kind, items, parent, [one.text for one in same], len(same), teacher, load)
    if parent is not None and kind is HypothesisKind.EXTRAPOLATION:
        covered = {one.pattern for one in existing if one.pattern}
        ruled = rules.extrapolation(study.task, parent, covered, _seed(study), len(existing))
        if ruled is None:
            raise NothingToDoError("every known weakness has its hypothesis already; write one in your own words")
    else:
        same = _on_same_ground(kind, items, parent, existing)
        covered = {one.pattern for one in same if one.pattern}
        ruled = rules.abstraction_of(study.task, items, covered, _seed(study))
    return HypothesisDraft(kind, Agent.RULE, ruled.text, ruled.reasoning, ruled.key, None)


def hypotheses(
    study: Study,
    unknowns: Sequence[UnknownUnknown],
    own: Sequence[Hypothesis],
    teacher: Teacher,
    sizes: dict[HypothesisKind, int],
    on_failure: OnFailure,
) -> Iterator[Hypothesis]:
    """Those still missing: abstractions, then extrapolations, each from an abstraction in turn.

    ``sizes`` are the samples the budget has room for; a teacher makes one hypothesis a sample, each about a UU of its
    own (the most confident first, natural and adversarial in turn), the rules one a pattern. ``own`` are the agent's
    earlier ones, from which it goes on. An unusable answer goes to ``on_failure``, and the next UU is taken; a refused
    key or an unreachable endpoint is raised at once. Each hypothesis is yielded as it comes.
    """
    made = list(own)
    writer = _by_rule if teacher.is_embedded else _by_teacher
    for kind in (HypothesisKind.ABSTRACTION, HypothesisKind.EXTRAPOLATION):
        for hypothesis in writer(study, kind, unknowns, made, teacher, sizes.get(kind, 0), on_failure):
            made.append(hypothesis)
            yield hypothesis


def trial_prompt() -> Prompt:
    """One short question, for the Settings page."""
    return prompts.trial_prompt()


def spread_over_origins(unknowns: Sequence[UnknownUnknown]) -> list[UnknownUnknown]:
    """Natural and adversarial in turn, each in the order given."""
    by_origin = [[one for one in unknowns if one.origin is origin] for origin in UUOrigin]
    return [one for one in chain.from_iterable(zip_longest(*by_origin)) if one is not None]


def _by_rule(
    study: Study,
    kind: HypothesisKind,
    unknowns: Sequence[UnknownUnknown],
    made: list[Hypothesis],
    teacher: Teacher,  # noqa: ARG001  # the rules need none
    size: int,
    on_failure: OnFailure,  # noqa: ARG001  # nor can they fail
) -> Iterator[Hypothesis]:
    covered = {one.pattern for one in made if one.pattern}
    room = size - sum(one.kind is kind for one in made)
    if kind is HypothesisKind.ABSTRACTION:
        for ruled in rules.abstractions(study.task, unknowns, covered, _seed(study))[: max(0, room)]:
            yield _kept_rule(study, kind, ruled, None)
        return
    parents = [one for one in made if one.kind is HypothesisKind.ABSTRACTION]
    room = min(size, _RULE_EXTRAPOLATIONS) - sum(one.kind is kind for one in made)
    for place, parent in enumerate(islice(cycle(parents), max(0, room))):
        found = rules.extrapolation(study.task, parent, covered, _seed(study), place)
        if found is None:
            return
        covered.add(found.key)
        yield _kept_rule(study, kind, found, parent)


def _by_teacher(
    study: Study,
    kind: HypothesisKind,
    unknowns: Sequence[UnknownUnknown],
    made: list[Hypothesis],
    teacher: Teacher,
    size: int,
    on_failure: OnFailure,
) -> Iterator[Hypothesis]:
    missing = size - sum(one.kind is kind for one in made)
    failures = 0
    for items, parent in _grounds(kind, unknowns, made, size):
        if missing <= 0:
            return
        same = _on_same_ground(kind, items, parent, made)
        try:
            drafted = _asked(study, kind, items, parent, [one.text for one in same], len(same) + failures, teacher)
        except (TeacherKeyError, TeacherUnreachableError):
            raise
        except TeacherError as error:
            on_failure(f"{kind}: {error}")
            failures += 1
            if failures >= MOST_FAILURES_IN_A_ROW:
                on_failure(f"{kind}: stopped after {failures} unusable answers in a row")
                return
            continue
        failures = 0
        missing -= 1
        yield _kept(study, drafted, items, parent)


def _grounds(
    kind: HypothesisKind, unknowns: Sequence[UnknownUnknown], made: Sequence[Hypothesis], size: int
) -> Iterator[tuple[Sequence[UnknownUnknown], Hypothesis | None]]:
    """What to ask about next: UUs that no hypothesis rests on yet, or the abstractions in turn, which may have to be
    gone through twice since some answers are unusable."""
    if kind is HypothesisKind.ABSTRACTION:
        used = {item for one in made if one.kind is kind for item in one.source_item_ids}
        for unknown in spread_over_origins(unknowns):
            if unknown.item_id not in used:
                yield [unknown], None
        return
    parents = [one for one in made if one.kind is HypothesisKind.ABSTRACTION]
    children = {one.hypothesis_id: 0 for one in parents}
    for one in made:
        if one.parent_hypothesis_id in children:
            children[one.parent_hypothesis_id] += 1
    parents.sort(key=lambda one: children[one.hypothesis_id])  # a resumed run goes on with those without a child
    for parent in islice(cycle(parents), 2 * size):
        yield (), parent


def _asked(
    study: Study,
    kind: HypothesisKind,
    items: Sequence[UnknownUnknown],
    parent: Hypothesis | None,
    known: Sequence[str],
    place: int,
    teacher: Teacher,
    load: LoadTemplate | None = None,
) -> HypothesisDraft:
    prompt = prompts.hypothesis_prompt(study.task, kind, items, parent, known, _seed(study) + place, load)
    call = teacher.ask(prompt, kind, study.study_id)
    text, reasoning = _parsed(call)
    if any(text.casefold() == one.casefold() for one in known):
        raise TeacherAnswerError("the teacher gave a hypothesis that is there already; ask again")
    return HypothesisDraft(kind, Agent.LM, text, reasoning, None, call.call_id)


def _parsed(call: TeacherCall) -> tuple[str, str]:
    """The error names the call, under which the raw answer is kept."""
    try:
        return parse_hypothesis(call.answer)
    except TeacherAnswerError as error:
        raise TeacherAnswerError(f"{error} (call {call.call_id})") from error


def _on_same_ground(
    kind: HypothesisKind,
    items: Sequence[UnknownUnknown],
    parent: Hypothesis | None,
    existing: Sequence[Hypothesis],
) -> list[Hypothesis]:
    """Earlier hypotheses of the kind about the same UUs, or from the same parent."""
    if kind is HypothesisKind.EXTRAPOLATION and parent is not None:
        return [one for one in existing if one.parent_hypothesis_id == parent.hypothesis_id]
    ids = {item.item_id for item in items}
    return [one for one in existing if one.kind is kind and ids & set(one.source_item_ids)]


def _kept_rule(
    study: Study, kind: HypothesisKind, ruled: rules.RuleHypothesis, parent: Hypothesis | None
) -> Hypothesis:
    drafted = HypothesisDraft(kind, Agent.RULE, ruled.text, ruled.reasoning, ruled.key, None)
    return _kept(study, drafted, ruled.sources, parent)


def _kept(
    study: Study, drafted: HypothesisDraft, items: Sequence[UnknownUnknown], parent: Hypothesis | None
) -> Hypothesis:
    return Hypothesis(
        hypothesis_id=new_id("h"),
        study_id=study.study_id,
        kind=drafted.kind,
        agent=drafted.agent,
        text=drafted.text,
        reasoning=drafted.reasoning,
        source_item_ids=tuple(item.item_id for item in items),
        parent_hypothesis_id=parent.hypothesis_id if parent else None,
        revises_id=None,
        call_id=drafted.call_id,
        pattern=drafted.pattern,
        created_at=datetime.now(UTC),
    )


def _seed(study: Study) -> int:
    seed = study.config.get("seed", 0)
    return seed if isinstance(seed, int) else 0
