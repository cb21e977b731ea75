"""Sentences to start from at the writing desk: the catalogue's frames with their slots left open."""

from __future__ import annotations

import re

from bsm_core.domain.tasks import Task
from bsm_core.workflow.patterns import catalogue, sentiment

_SLOT = re.compile(r"\{\w+\}")
_OPEN = "…"


def starters(task: Task, label: int) -> dict[str, str]:
    """By the frame's name one sentence for the label, each slot an ellipsis; none where the labels are no sentiment or
    the input is a pair."""
    poles = sentiment(task)
    if poles is None or task.is_pair:
        return {}
    side = "positive" if label == poles.positive else "negative"
    found = {}
    for name, frame in catalogue()["frames"].items():
        sentences = frame.get(side) if isinstance(frame, dict) else None
        if sentences:
            found[name] = _SLOT.sub(_OPEN, sentences[0])
    return found
