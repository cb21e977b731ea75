"""Is the label still right? Judges besides the human, the sample they are asked about, and what follows (condition 3).

The ledger is append-only and holds every judge's word. A sample drawn at random says how many of all UUs have kept
their label; what was judged outside the sample leaves the count as well, but estimates nothing, since it was picked.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from bsm_core.domain.foils import Candidate, FoilJudgement, Question
from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.unknowns import Judgement, UnknownUnknown, Verdict
from bsm_core.errors import TeacherAnswerError
from bsm_core.metrics.agreement import cohen_kappa, krippendorff_alpha
from bsm_core.metrics.judging import CorrectedCount, corrected_count
from bsm_core.workflow.edits import EditKind, WordEdit, fold, word_edits
from bsm_core.workflow.foils import JudgeRecord, judge_records, with_foils
from bsm_core.workflow.lexicon import lexicon

RULE = "rule"
SAMPLE_EVENT = "judging-sample"
DEFAULT_SIZE = 100

_POLARITY_LABELS = frozenset({"negative", "positive"})
_RANKS = {"human": 0, "lm": 1}
_SLIP_LETTERS = 5
"""From which on a word with one wrong letter is rarely another word."""
_FIRST_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Draw:
    """How the sample is drawn: by ``seed``, ``size`` UUs at most, and so many foils that they are ``share`` of all."""

    seed: int
    size: int = DEFAULT_SIZE
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """``sample`` are ids in the order they are to be judged in; ``corrected`` is estimated from those judged."""

    sample: tuple[str, ...]
    questions: tuple[Question, ...]
    """The sample with its foils, in the order they are asked in."""
    open_questions: tuple[Question, ...]
    """Of these, without a word of the judge who asks."""
    corrected: CorrectedCount
    unsure: int
    """Of the judged in the sample; they stay in the count."""
    outside: int
    """Judged invalid without being in the sample."""
    records: tuple[JudgeRecord, ...]
    agreement: Agreement

    @property
    def answered(self) -> int:
        """By the judge who asks."""
        return len(self.questions) - len(self.open_questions)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Among the judges of the population's texts. ``pairs``: (judge, judge, texts both judged, Cohen's kappa)."""

    judges: tuple[tuple[str, int], ...]
    """(judge, texts judged)."""
    shared: int
    """Texts that two or more have judged."""
    alpha: float | None
    pairs: tuple[tuple[str, str, int, float | None], ...]


def draw_sample(item_ids: Iterable[str], seed: int, size: int) -> tuple[str, ...]:
    """The first ``size`` of an order drawn by ``seed``. An item's place depends on nothing but seed and id: with
    another tau the sample is still one drawn at random, and holds what was judged before."""
    return tuple(sorted(item_ids, key=lambda one: hashlib.sha256(f"{seed}\tjudging\t{one}".encode()).digest())[:size])


def ledger(
    population: Sequence[str],
    ballots: Iterable[Judgement],
    draw: Draw,
    judge: str,
    candidates: Iterable[Candidate] = (),
    foils: Sequence[FoilJudgement] = (),
) -> Ledger:
    """Over the item ids of ``population`` (the raw count); ``judge`` is who is to judge next."""
    words = _words(population, ballots)
    decided = {item: decide(said) for item, said in words.items()}
    sample = draw_sample(population, draw.seed, draw.size)
    told = [decided[item] for item in sample if item in decided]
    questions = with_foils(sample, candidates, draw.seed, draw.share)
    answered = {Question(item) for item, said in words.items() if judge in said}
    answered |= {Question(one.item_id, one.kind) for one in foils if one.agent == judge}
    return Ledger(
        sample=sample,
        questions=questions,
        open_questions=tuple(one for one in questions if one not in answered),
        corrected=corrected_count(len(population), len(told), told.count(Verdict.NO)),
        unsure=told.count(Verdict.UNSURE),
        outside=sum(verdict is Verdict.NO for verdict in decided.values()) - told.count(Verdict.NO),
        records=judge_records(sample, words, foils),
        agreement=_agreement(words),
    )


def corrected(
    population: Sequence[str], ballots: Iterable[Judgement], draw: Draw, part: Iterable[str] | None = None
) -> CorrectedCount:
    """The corrected count alone; of the texts in ``part`` when given. What of a random sample falls into a part is a
    random sample of that part."""
    inside = set(population) if part is None else set(part).intersection(population)
    words = _words(inside, ballots)
    if not words:
        return corrected_count(len(inside), 0, 0)
    verdicts = [decide(words[item]) for item in draw_sample(population, draw.seed, draw.size) if item in words]
    return corrected_count(len(inside), len(verdicts), verdicts.count(Verdict.NO))


def decide(said: dict[str, Verdict]) -> Verdict:
    """The verdict of several judges on one text; the store's view ``verdicts`` decides the same way."""
    best = min(map(_rank, said))
    heard = [verdict for agent, verdict in said.items() if _rank(agent) == best]
    yes, no = heard.count(Verdict.YES), heard.count(Verdict.NO)
    if yes == no:
        return Verdict.UNSURE
    return Verdict.YES if yes > no else Verdict.NO


def by_rule(task: Task, original: Text, perturbed: Text) -> Verdict:
    """YES when only slips of the pen part P from O; NO when a review's opinion was turned (an opinion word replaced by
    one of the other polarity, a negation added or taken away); UNSURE otherwise. Knows English opinion words only, and
    as slips only those that a short word does not become another one by: "not" is not "now"."""
    edits = word_edits(original, perturbed)
    turned = set(task.label_names) == _POLARITY_LABELS and any(map(_turns, edits))
    if turned:
        return Verdict.NO
    return Verdict.YES if all(map(_is_slip, edits)) else Verdict.UNSURE


def parse_verdict(answer: str) -> Verdict:
    """The first word of a teacher's answer. Raises TeacherAnswerError when it is none of the three."""
    found = _FIRST_WORD.search(answer.casefold())
    if found is None or found.group() not in set(Verdict):
        raise TeacherAnswerError(f"the answer does not begin with yes, no or unsure: {answer[:80]!r}")
    return Verdict(found.group())


def known_original(unknown: UnknownUnknown) -> bool:
    """Whether there is an O to judge P by: an imported pair may have come without one."""
    return unknown.perturbed_text is not None and unknown.perturbed_text != unknown.original_text


def _words(population: Iterable[str], ballots: Iterable[Judgement]) -> dict[str, dict[str, Verdict]]:
    """Item to judge to verdict, of the items of ``population``."""
    inside = set(population)
    words: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for ballot in ballots:
        if ballot.item_id in inside:
            words[ballot.item_id][ballot.agent] = ballot.verdict
    return words


def _rank(agent: str) -> int:
    return _RANKS.get(agent.split(":")[0], 2)


def _is_slip(edit: WordEdit) -> bool:
    if not edit.kind.is_typo or not fold(edit.original).isascii():
        return False
    readable = len(edit.original) >= _SLIP_LETTERS and not lexicon().is_negation(edit.original)
    return readable or edit.kind in (EditKind.SWAP, EditKind.HOMOGLYPH)


def _turns(edit: WordEdit) -> bool:
    known = lexicon()
    before, after = edit.original.lower(), edit.perturbed.lower()
    if known.is_negation(before) != known.is_negation(after):
        # A misspelled "not" is still read as one.
        return not (edit.kind.is_typo and known.is_negation(before))
    pairs = ((known.positive, known.negative), (known.negative, known.positive))
    return any(before in one and after in other for one, other in pairs)


def _agreement(words: dict[str, dict[str, Verdict]]) -> Agreement:
    judges = sorted({agent for said in words.values() for agent in said}, key=lambda one: (_rank(one), one))
    pairs = []
    for first, second in combinations(judges, 2):
        both = [said for said in words.values() if first in said and second in said]
        kappa = cohen_kappa([said[first] for said in both], [said[second] for said in both])
        pairs.append((first, second, len(both), kappa))
    return Agreement(
        judges=tuple((judge, sum(judge in said for said in words.values())) for judge in judges),
        shared=sum(len(said) > 1 for said in words.values()),
        alpha=krippendorff_alpha([list(said.values()) for said in words.values()]),
        pairs=tuple(pairs),
    )
