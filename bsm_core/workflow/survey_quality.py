"""Signs of an answer given in bad faith: each measured, and held against a mark. A flag is a reason to look, and the
researcher has the last word."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from bsm_core.domain.survey import Answer, Flag, FlagKind, Question, QuestionKind
from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import words
from bsm_core.workflow.nonsense import junk
from bsm_core.workflow.repeats import Trigram, repeat_shares, trigrams

LEAST_WORDS = 4
"""Of a hypothesis: fewer cannot say what fails and where."""
LEAST_CHARACTERS = 40  # 3.3, of a sample
COPIED = 0.8
"""Share of an answer's word trigrams that one shown text has."""
REPEATED = 0.9
LONG = 8
"""Words from which on two people who write the same have not done so by chance."""
WORDS_READ = 15.0
"""A second; 900 a minute, thrice what readers do."""
CHARACTERS_TYPED = 15.0
"""A second; 180 words a minute, which nobody keeps up while thinking."""
LEAST_SECONDS = 3.0

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop")
_RUNS = {row[place : place + 4] for row in _ROWS for place in range(len(row) - 3)}
_KEYS = (_RUNS | {run[::-1] for run in _RUNS}) - {"erty", "ertz", "trew", "azer"}
"""Four neighboring keys in a row; those that English words have are left out (property, hertz, strewn)."""
_SAME = re.compile(r"(.)\1{4,}|(\w{2,3})\2{3,}", re.IGNORECASE)


def flags(
    questions: Sequence[Question], answers: Mapping[str, Answer], hypotheses: Mapping[str, str]
) -> dict[str, tuple[Flag, ...]]:
    """For each answer that was handed in, by question id; attention checks have none.

    ``hypotheses`` has, by question id, the hypothesis that was shown: for a question on an own answer, that answer.
    """
    asked = [one for one in questions if one.kind is not QuestionKind.ATTENTION]
    told = [one for one in asked if one.question_id in answers and answers[one.question_id].submitted]
    repeats = _repeats(told, answers)
    found: dict[str, tuple[Flag, ...]] = {}
    for question in told:
        answer = answers[question.question_id]
        if answer.is_empty:
            found[question.question_id] = (Flag(FlagKind.EMPTY, "nothing was written"),)
            continue
        shown = hypotheses.get(question.question_id, question.hypothesis)
        checks = (_short(question, answer), _copy(question, answer, shown), _fast(question, answer, shown),
                  repeats.get(question.question_id), _mash(answer))  # fmt: skip
        found[question.question_id] = tuple(flag for flag in checks if flag)
    return found


def least_seconds(question: Question, answer: Answer, hypothesis: str) -> float:
    """What reading what is shown and typing what was written take at the very least."""
    shown = [*(question.original or ()), hypothesis]
    read = sum(len(words(text)) for text in shown) / WORDS_READ
    return LEAST_SECONDS + read + sum(map(len, answer.text)) / CHARACTERS_TYPED


@lru_cache(maxsize=8192)
def mash(text: str) -> str:
    """What looks like hammering on the keyboard, in words; empty when nothing does."""
    if problem := junk(text):
        return problem
    if run := _SAME.search(text):
        return f"{run.group()[:12]!r} is one thing over and over"
    found = [word.lower() for word in words(text) if len(word) > 3]
    hammered = [word for word in found if _KEYS & {word[place : place + 4] for place in range(len(word) - 3)}]
    if found and len(hammered) / len(found) > 0.3:
        return f"{len(hammered)} of {len(found)} words are neighboring keys, such as {hammered[0][:12]!r}"
    mute = [word for word in found if word.isascii() and word.isalpha() and not set(word) & set("aeiouy")]
    if len(mute) > 1 and len(mute) / len(found) > 0.3:
        return f"{len(mute)} of {len(found)} words have no vowel"
    return ""


def _short(question: Question, answer: Answer) -> Flag | None:
    if question.kind is QuestionKind.GENERATION:
        size = len(" ".join(answer.text).strip())
        return (
            Flag(FlagKind.SHORT, f"{size} characters; at least {LEAST_CHARACTERS}") if size < LEAST_CHARACTERS else None
        )
    count = len(words(answer.text[0]))
    return Flag(FlagKind.SHORT, f"{count} words; at least {LEAST_WORDS}") if count < LEAST_WORDS else None


def _copy(question: Question, answer: Answer, hypothesis: str) -> Flag | None:
    shown: list[Text] = [side for side in (question.original, question.perturbed) if side]
    if hypothesis:
        shown.append((hypothesis,))
    share, source = repeat_shares([answer.text], shown)[0]
    if source is None or share < COPIED:
        return None
    return Flag(FlagKind.COPY, f"{share:.0%} of its phrases stand in the text that was shown; {COPIED:.0%} is the mark")


def _fast(question: Question, answer: Answer, hypothesis: str) -> Flag | None:
    least = least_seconds(question, answer, hypothesis)
    if answer.seconds is None or answer.seconds >= least:
        return None
    return Flag(FlagKind.TOO_FAST, f"{answer.seconds:.1f} s; reading and typing take at least {least:.0f} s")


def _mash(answer: Answer) -> Flag | None:
    problem = mash(" ".join(answer.text))
    return Flag(FlagKind.MASH, problem) if problem else None


def _repeats(asked: Iterable[Question], answers: Mapping[str, Answer]) -> dict[str, Flag]:
    """In order of writing: the first keeps its place, who says it again is flagged."""
    written = [one for one in asked if not answers[one.question_id].is_empty]
    written.sort(key=lambda one: answers[one.question_id].created_at)
    holders: dict[Trigram, list[Question]] = defaultdict(list)
    found: dict[str, Flag] = {}
    for question in written:
        text = answers[question.question_id].text
        own = trigrams(text)
        is_long = sum(len(words(side)) for side in text) >= LONG
        shared = Counter(
            one.question_id
            for trigram in own
            for one in holders[trigram]
            if is_long or one.participant_id == question.participant_id
        )
        if shared:
            share = max(shared.values()) / len(own)
            if share >= REPEATED:
                why = f"{share:.0%} of its phrases stand in an earlier answer; {REPEATED:.0%} is the mark"
                found[question.question_id] = Flag(FlagKind.REPEATED, why)
        for trigram in own:
            holders[trigram].append(question)
    return found
