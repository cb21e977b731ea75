"""Abstractions and extrapolations at scale, in rounds: what is rejected in one is written anew in the next."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bsm_core.domain.authoring import DraftKind, Nearness, RejectedDraft, WriteOrder
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobSpec
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.ports import JobContext
from bsm_core.workflow.asking import Answer, Asker
from bsm_core.workflow.nearness import PARENT_COSINE, PARENT_OVERLAP, SAME_COSINE, SAME_OVERLAP, Compass, Near
from bsm_core.workflow.parsing import parse_hypothesis
from bsm_core.workflow.prompts import MOST_KNOWN, hypothesis_prompt
from bsm_core.workflow.streams import RecordStream
from bsm_core.workflow.templates import LoadTemplate

WAVE = 16
"""Questions asked before a list of what there is already is brought up to date, where prompts have such a list. A
constant, since what is asked must not depend on how many are asked at once."""

Parsed = tuple[str, str]


@dataclass
class Desk:
    """What a write job works with, and what it has so far. ``made`` begins with the agent's earlier hypotheses."""

    spec: JobSpec
    context: JobContext
    task: Task
    order: WriteOrder
    load: LoadTemplate
    asker: Asker
    compass: Compass
    live: RecordStream[Hypothesis]
    made: list[Hypothesis]
    new: list[Hypothesis] = field(default_factory=list)
    rejected: list[RejectedDraft] = field(default_factory=list)
    nearness: list[Nearness] = field(default_factory=list)

    def id_for(self, prefix: str, *key: object) -> str:
        """The same in every run of the job, so that a resumed one makes the same records again."""
        joined = "\x1f".join(map(str, (self.spec.job_id, *key)))
        return prefix + hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:12]

    def seed_for(self, *key: object) -> int:
        """Depends on what is asked about and on nothing that changes from run to run."""
        return random.Random("/".join(map(str, (self.spec.seed, *key)))).randrange(2**31)

    def at_temperature(self, prompt: Prompt) -> Prompt:
        return prompt if self.order.temperature is None else replace(prompt, temperature=self.order.temperature)

    def of_kind(self, kind: HypothesisKind) -> list[Hypothesis]:
        return [one for one in self.made if one.kind is kind]


@dataclass(frozen=True, slots=True)
class Ground:
    """What one hypothesis rests on: UUs, or the abstraction it starts from."""

    items: tuple[UnknownUnknown, ...]
    parent: Hypothesis | None

    @property
    def key(self) -> str:
        """By content: the same texts in another study are asked about in the same words."""
        told = [self.parent.text] if self.parent else [side for item in self.items for side in item.text]
        return hashlib.sha256("\x1f".join(told).encode("utf-8", "replace")).hexdigest()[:16]


def write_hypotheses(desk: Desk, kind: HypothesisKind, size: int, groups: Sequence[Sequence[UnknownUnknown]]) -> None:
    """Up to ``size`` new ones in ``desk.new``: an abstraction for each of ``groups`` in turn, or extrapolations from
    the abstractions there are."""
    asked: Counter[str] = Counter()
    missing = size
    for number in range(1, desk.order.rounds + 1):
        chosen = _next_grounds(desk, kind, groups, asked, missing)
        for wave in _waves(chosen, desk.order.differ):
            missing -= _ask_wave(desk, kind, wave, asked, number)
        if missing <= 0 or desk.asker.stopped or not chosen:
            break
    if missing > 0:
        desk.context.log(f"{size - missing:,} of {size:,} {kind}s written; {missing:,} are missing")


def _next_grounds(
    desk: Desk, kind: HypothesisKind, groups: Sequence[Sequence[UnknownUnknown]], asked: Counter[str], missing: int
) -> list[Ground]:
    """Those with the fewest hypotheses first, then those asked about least, then in order; none twice."""
    if kind is HypothesisKind.EXTRAPOLATION:
        parents = desk.of_kind(HypothesisKind.ABSTRACTION)
        children = Counter(one.parent_hypothesis_id for one in desk.made if one.parent_hypothesis_id)
        found = [(children[one.hypothesis_id], Ground((), one)) for one in parents]
    else:
        rest_on = Counter(item for one in desk.of_kind(kind) for item in one.source_item_ids)
        found = [(min(rest_on[item.item_id] for item in group), Ground(tuple(group), None)) for group in groups]
    ranked = sorted(enumerate(found), key=lambda entry: (entry[1][0], asked[entry[1][1].key], entry[0]))
    return [ground for _, (_, ground) in ranked][:missing]


def _waves(chosen: Sequence[Ground], differ: bool) -> Iterator[Sequence[Ground]]:
    size = WAVE if differ else max(1, len(chosen))
    for start in range(0, len(chosen), size):
        yield chosen[start : start + size]


def _ask_wave(desk: Desk, kind: HypothesisKind, wave: Sequence[Ground], asked: Counter[str], number: int) -> int:
    """How many of the answers are kept."""
    listed = [one.text for one in desk.of_kind(kind)][-MOST_KNOWN:] if desk.order.differ else []
    prompts = [_prompt(desk, kind, ground, listed, asked) for ground in wave]
    before = len(desk.new)
    desk.asker.ask(
        prompts, kind, _read, f"{kind}s, round {number}", lambda place, answer: _take(desk, kind, wave[place], answer)
    )
    return len(desk.new) - before


def _prompt(desk: Desk, kind: HypothesisKind, ground: Ground, listed: Sequence[str], asked: Counter[str]) -> Prompt:
    own = [one.text for one in desk.of_kind(kind) if _is_on(one, ground)]
    known = list(dict.fromkeys([*listed, *own]))
    seed = desk.seed_for(kind, ground.key, len(own) + asked[ground.key])
    asked[ground.key] += 1
    return desk.at_temperature(hypothesis_prompt(desk.task, kind, ground.items, ground.parent, known, seed, desk.load))


def _is_on(hypothesis: Hypothesis, ground: Ground) -> bool:
    if ground.parent is not None:
        return hypothesis.parent_hypothesis_id == ground.parent.hypothesis_id
    return bool({item.item_id for item in ground.items} & set(hypothesis.source_item_ids))


def _read(call: TeacherCall) -> Parsed:
    return parse_hypothesis(call.answer)


def _take(desk: Desk, kind: HypothesisKind, ground: Ground, answer: Answer[Parsed]) -> None:
    """Keep the answer, or reject it with its reason."""
    if answer.value is None or answer.call is None:
        return
    text, reasoning = answer.value
    parent = None if ground.parent is None else desk.compass.between(text, ground.parent)
    if parent is not None and parent.reaches(PARENT_OVERLAP, PARENT_COSINE):
        _reject(desk, kind, text, answer.call, parent, "it is its abstraction in other words")
        return
    nearest = desk.compass.nearest(text, desk.of_kind(kind))
    if nearest is not None and nearest.reaches(SAME_OVERLAP, SAME_COSINE):
        _reject(desk, kind, text, answer.call, nearest, f"another {kind} says the same")
        return
    made = Hypothesis(
        hypothesis_id=desk.id_for("h", kind, ground.key, answer.call.prompt.seed),
        study_id=desk.spec.study_id,
        kind=kind,
        agent=Agent.LM,
        text=text,
        reasoning=reasoning,
        source_item_ids=tuple(item.item_id for item in ground.items),
        parent_hypothesis_id=ground.parent.hypothesis_id if ground.parent else None,
        revises_id=None,
        call_id=answer.call.call_id,
        pattern=None,
        created_at=datetime.now(UTC),
    )
    desk.made.append(made)
    desk.new.append(made)
    desk.live.add(made)
    if parent is not None:
        where = (made.hypothesis_id, parent.other.hypothesis_id)
        desk.nearness.append(Nearness(*where, parent.overlap, parent.cosine))


def _reject(desk: Desk, kind: HypothesisKind, text: str, call: TeacherCall, near: Near, reason: str) -> None:
    desk.rejected.append(
        RejectedDraft(
            draft_id=desk.id_for("d", kind, call.prompt.seed, text),
            study_id=desk.spec.study_id,
            job_id=desk.spec.job_id,
            kind=DraftKind(kind.value),
            text=text,
            reason=f"{reason}: {near.told()}",
            near_id=near.other.hypothesis_id,
            overlap=near.overlap,
            cosine=near.cosine,
            call_id=call.call_id,
            created_at=datetime.now(UTC),
        )
    )
