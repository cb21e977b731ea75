"""What each gate says of one text, in order (3.3): a value, the mark it is held against, and a reason in plain words.
Pure; what is compared with many texts is measured before (``gate.py``)."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.config import GateConfig
from bsm_core.domain.tasks import Split, Task, Text
from bsm_core.ports import SimilarityScale
from bsm_core.workflow.lexicon import words
from bsm_core.workflow.nonsense import Judgment
from bsm_core.workflow.shingles import Nearest

MAX_CHARACTERS = 10_000
"""Longer than almost every review; what is longer is a run-away answer."""


def length(text: Text, config: GateConfig) -> Judgment:
    """At least ``min_characters`` (3.3: 40), over both sides of a pair; not run away."""
    size, least = sum(len(side.strip()) for side in text), config.min_characters
    if size < least:
        return Judgment(False, f"{size} characters; at least {least} are needed", size, least)
    if size > MAX_CHARACTERS:
        reason = f"{size:,} characters; at most {MAX_CHARACTERS:,} are allowed"
        return Judgment(False, reason, size, MAX_CHARACTERS)
    return Judgment(True, f"{size:,} characters, and at least {least} are needed", size, least)


def repetition(share: float, other: Text | None, config: GateConfig) -> Judgment:
    """``share`` of the text's word triples are in ``other``, the training text or sample most like it."""
    mark = config.max_repeat_share
    if other is None or share == 0:
        return Judgment(True, "shares no word triple with a training text or another sample", share, mark)
    return Judgment(share <= mark, f"{share:.0%} of its word triples are shared with: {_short(other)}", share, mark)


def leakage(found: Nearest, split: Split | None, config: GateConfig) -> Judgment:
    """``split`` is that of the sealed text found. Not a word of the text itself: it stays sealed."""
    mark = config.max_leak_share
    if split is None:
        return Judgment(True, "shares nothing with a validation or test text", found.share, mark)
    sealed = "sealed test text" if split is Split.TEST else "validation text, which blind spots are counted on"
    if found.share > mark:
        return Judgment(False, f"it is nearly the same as a {sealed}", found.share, mark)
    reason = f"at most {found.share:.0%} of its letter runs stand in a validation or test text"
    return Judgment(True, reason, found.share, mark)


def form(text: Text, task: Task) -> Judgment:
    """As many sides as the task has, none empty; the sides of a pair are two texts and not one twice."""
    fields = task.text_fields
    if len(text) != len(fields):
        return Judgment(False, f"it has {len(text)} texts; the task needs {len(fields)}: {' and '.join(fields)}")
    for field, side in zip(fields, text, strict=True):
        if not words(side):
            return Judgment(False, f"its {field} is empty")
    if task.is_pair and _plain(text[0]) == _plain(text[1]):
        return Judgment(False, f"its {fields[0]} and {fields[1]} are the same text")
    return Judgment(True, "both sides are there, and they differ" if task.is_pair else "one text, as the task has it")


def similarity(score: float, scale: SimilarityScale) -> Judgment:
    """BERTScore F1 with the closest training texts against the pass mark (3.3: S_min)."""
    closest = "the closest training text" if scale.top == 1 else f"the {scale.top} closest training texts, on average"
    reason = (
        f"{score:.3f} to {closest}; the pass mark is {scale.threshold:.3f}, which {scale.passes_real:.0%} of real "
        "texts reach"
    )
    return Judgment(score >= scale.threshold, reason, score, scale.threshold)


def fit(share: float | None, config: GateConfig) -> Judgment:
    """``share`` of the training texts are less near to the texts behind the hypothesis; None when it has none."""
    if not config.check_fit:
        return Judgment(True, "not looked at: this gate is off")
    if share is None:
        return Judgment(True, "its hypothesis rests on no text of its own")
    reason = f"nearer to the texts its hypothesis rests on than {share:.0%} of the training texts are"
    return Judgment(config.min_fit is None or share >= config.min_fit, reason, share, config.min_fit)


def blind_label(own: int, answer: int | None, judge: str, label_names: Sequence[str]) -> Judgment:
    """``answer`` of a judge who was not shown the sample's label; None when it would not say."""
    own_name = label_names[own]
    if answer is None:
        return Judgment(False, f"{judge}, asked blind, could not tell its label; the sample says {own_name!r}")
    if answer == own:
        return Judgment(True, f"{judge}, asked blind, says {own_name!r} too", answer, own)
    return Judgment(False, f"{judge}, asked blind, says {label_names[answer]!r}; it is {own_name!r} here", answer, own)


def _plain(text: str) -> list[str]:
    return [word.lower() for word in words(text)]


def _short(text: Text, limit: int = 80) -> str:
    joined = " / ".join(" ".join(side.split()) for side in text)
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"
