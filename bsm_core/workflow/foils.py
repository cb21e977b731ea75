"""Foils among the sample: where they stand, which they are, and what they say about a judge.

Who is shown the model's UUs alone knows that something was done to every text, and looks for it. Among them stand texts
that did not fool the model and texts that nobody changed; how often a judge calls the label of one of these wrong says
what that judge's word on the UUs is worth.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bsm_core.domain.foils import Candidate, FoilJudgement, FoilKind, Question
from bsm_core.domain.unknowns import Verdict

DEFAULT_SHARE = 0.2
MOST_SHARE = 0.5
_WHOLE = 2**256


@dataclass(frozen=True, slots=True)
class JudgeRecord:
    """One judge's answers: on the UUs of the sample, and on each kind of foil. Each pair is (called wrong, judged)."""

    judge: str
    sample: tuple[int, int]
    originals: tuple[int, int]
    held: tuple[int, int]


def with_foils(sample: Sequence[str], candidates: Iterable[Candidate], seed: int, share: float) -> tuple[Question, ...]:
    """The sample in its order, with foils at places drawn by ``seed``; ``share`` of all texts are foils, on average, as
    far as there are so many. A larger sample begins with the smaller one and its foils, but for those foils whose
    example has come into the sample: a judge sees no example twice."""
    known = list(candidates)
    chosen = set(sample)
    seen = {one.example_id for one in known if one.question.item_id in chosen and one.question.foil is None}
    pools = {kind: _drawn(known, kind, seed) for kind in FoilKind}
    odds = share / (1 - share)
    questions: list[Question] = []
    for place, item in enumerate(sample):
        if _uniform(seed, f"place\t{place}") < odds:
            first = FoilKind.HELD if _uniform(seed, f"kind\t{place}") < 0.5 else FoilKind.ORIGINAL
            for kind in (first, *(other for other in FoilKind if other is not first)):
                foil = _take(pools[kind], seen)
                if foil is not None:
                    questions.append(foil)
                    break
        questions.append(Question(item))
    return tuple(questions)


def judge_records(
    sample: Iterable[str], words: Mapping[str, Mapping[str, Verdict]], foils: Iterable[FoilJudgement]
) -> tuple[JudgeRecord, ...]:
    """Of everybody who judged a text of the sample or a foil, by name. ``words``: item to judge to verdict."""
    said: dict[str, dict[str, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for item in sample:
        for judge, verdict in words.get(item, {}).items():
            said[judge]["sample"].append(verdict)
    for ballot in foils:
        said[ballot.agent][ballot.kind].append(ballot.verdict)
    return tuple(
        JudgeRecord(judge, *(_wrong(said[judge][group]) for group in ("sample", FoilKind.ORIGINAL, FoilKind.HELD)))
        for judge in sorted(said)
    )


def _wrong(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    return verdicts.count(Verdict.NO), len(verdicts)


def _drawn(candidates: Iterable[Candidate], kind: FoilKind, seed: int) -> list[Candidate]:
    """In drawn order, the next one last."""
    pool = [one for one in candidates if one.question.foil is kind]
    return sorted(pool, key=lambda one: _uniform(seed, f"{kind}\t{one.question.item_id}"), reverse=True)


def _take(pool: list[Candidate], seen: set[str]) -> Question | None:
    while pool:
        candidate = pool.pop()
        if candidate.example_id not in seen:
            seen.add(candidate.example_id)
            return candidate.question
    return None


def _uniform(seed: int, what: str) -> float:
    """In [0, 1), by ``seed`` and ``what`` alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}\tfoils\t{what}".encode()).digest()) / _WHOLE
