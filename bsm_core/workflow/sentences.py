"""The embedded model's plain sentence: cut to what can be used, and judged by its words."""

from __future__ import annotations

import re

from bsm_core.workflow.lexicon import lexicon, words
from bsm_core.workflow.nonsense import junk
from bsm_core.workflow.parsing import clean

MOST_WORDS = 24
"""A sentence that runs on until it is stopped ends anywhere."""
LEAST_WORDS = 6

_TURN = re.compile(
    r"[ ,;:]+(?:and |or )?(?:but|however|although|though|despite|except|unless|yet|while|whereas|nevertheless|if|when "
    r"it comes)\b.*$",
    re.IGNORECASE,
)
_LOOSE_END = re.compile(
    r"(?:[ ,;:\-]+(?:and|or|the|a|an|of|in|on|at|to|for|with|by|from|as|is|was|are|were|be|been|has|have|had|this|that|"
    r"its|his|her|their|our|my|your|it|so|very|too|just|also|even|more|most|than|who|which|where|how|into|about|some|"
    r"any|no|not|it's|you're|i'm|they|he|she|we|i|you|will|would|can|could|may|like|made|makes|make))+$",
    re.IGNORECASE,
)


def clean_sentence(start: str, answer: str) -> str:
    """The first sentence, from ``start`` on, without quotation marks, without what follows a "but", and without a
    loose end. It ends with a period."""
    text = clean(answer).strip('"“”` ')
    if start and not text.startswith(start):
        text = f"{start} {text}"
    end = re.search(r"(?<=[^.\s]{2})[.!?](?=\s|$)", text)
    text = text[: end.start()] if end else text
    first = len(start)
    tail = _TURN.sub("", text[first:])
    tail = re.sub(r"\s+", " ", tail.replace('"', "").replace(" ,", ",")).rstrip(" ,;:-'")
    while (shorter := _LOOSE_END.sub("", tail).rstrip(" ,;:-'")) != tail:
        tail = shorter
    whole = (text[:first] + tail).strip()
    whole = re.sub(r"[ ,]+(?:and)?[ ,]*$", "", whole)
    return f"{whole}." if whole else ""


def sentence_problem(sentence: str, word: str | None, positive: bool) -> str:
    """Why the sentence cannot be used with its label, in words; empty when it can.

    ``word`` is the opinion word it was begun with; None asks for a sentence without any opinion.
    """
    found = [one.lower() for one in words(sentence)]
    if len(found) < LEAST_WORDS:
        return f"it has {len(found)} words only"
    if len(found) > MOST_WORDS:
        return f"it runs on for {len(found)} words"
    problem = junk(sentence)
    if problem:
        return problem
    known, present = lexicon(), set(found)
    if word is None:
        opinions = sorted(present & known.opinions)
        return f"it has an opinion ({opinions[0]})" if opinions else ""
    wrong = present & (known.negative if positive else known.positive)
    if wrong:
        return f"{sorted(wrong)[0]!r} speaks against its label"
    doubts = [one for one in found if one in known.doubts or (positive and known.is_negation(one) and one != "never")]
    return f"{doubts[0]!r} leaves its label in doubt" if doubts else ""
