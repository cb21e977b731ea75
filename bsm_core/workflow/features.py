"""What is remarkable about a text that the model gets wrong as it stands (a natural UU)."""

from __future__ import annotations

from dataclasses import dataclass

from bsm_core.domain.tasks import Text
from bsm_core.workflow.lexicon import Lexicon, lexicon, words

LONG_TEXT = 32
"""Words from which a text counts as long."""


@dataclass(frozen=True, slots=True)
class Feature:
    """``pattern`` is the key of a weakness in the catalogue; ``evidence`` quotes the words that show it."""

    pattern: str
    evidence: tuple[str, ...]


def features(text: Text, sentiment: bool) -> list[Feature]:
    """The features of a text, the most telling first; ``sentiment`` adds those that rest on opinion words.

    Never empty: a text without any of them is one whose judgment is implicit.
    """
    known = lexicon()
    present = [word.lower() for side in text for word in words(side)]
    joined = " ".join(text)
    found = [
        Feature(name, tuple(dict.fromkeys(word for word in present if word in listed)))
        for name, listed in (
            ("contrast", known.contrasts),
            ("negation", known.negations),
            ("conditional", known.conditionals - {"had"}),
        )
    ]
    if sentiment:
        found[:0] = _opinion_features(present, known)
    found.append(Feature("question", ("?",) if "?" in joined else ()))
    found.append(Feature("quotation", ('"',) if joined.count('"') >= 2 or "“" in joined else ()))
    found.append(Feature("comparison", _comparison(present)))
    found.append(Feature("long", (f"{len(present)} words",) if len(present) >= LONG_TEXT else ()))
    shown = [feature for feature in found if feature.evidence]
    return shown or [Feature("implicit", ())]


def _opinion_features(present: list[str], known: Lexicon) -> list[Feature]:
    good = tuple(dict.fromkeys(word for word in present if word in known.positive))
    bad = tuple(dict.fromkeys(word for word in present if word in known.negative))
    cues = tuple(dict.fromkeys(word for word in present if word in known.sarcasm))
    return [
        Feature("mixed", good + bad if good and bad else ()),
        Feature("sarcasm", cues if cues and (good or bad) else ()),
    ]


def _comparison(present: list[str]) -> tuple[str, ...]:
    """Words of comparison; a lone "as", "like" or "more" is too common to mean much."""
    strong = {"than", "compared", "resembles", "reminiscent", "unlike"}
    found = tuple(dict.fromkeys(word for word in present if word in strong))
    return found or (("as", "as") if present.count("as") >= 2 else ())
