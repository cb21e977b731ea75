from __future__ import annotations

import pytest

from bsm_core.workflow.features import Feature, features


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("It is not what I came for", "negation"),
        ("The trailer lied but I stayed", "contrast"),
        ("It might have worked on a stage", "conditional"),
        ("Who asked for this ?", "question"),
        ('He calls it "art" and means it', "quotation"),
        ("It runs longer than the war", "comparison"),
        (" ".join(["word"] * 40), "long"),
        ("We left before the end", "implicit"),
    ],
)
def test_feature_of_a_text_is_found_with_its_evidence(text: str, pattern: str) -> None:
    found = features((text,), sentiment=False)
    assert pattern in [feature.pattern for feature in found]
    assert all(feature.evidence for feature in found) or found == [Feature("implicit", ())]


def test_praise_and_blame_together_are_mixed_only_where_sentiment_counts() -> None:
    text = ("A brilliant cast in a tedious plot",)
    assert features(text, sentiment=True)[0] == Feature("mixed", ("brilliant", "tedious"))
    assert "mixed" not in [feature.pattern for feature in features(text, sentiment=False)]


def test_a_cue_of_irony_beside_an_opinion_is_sarcasm() -> None:
    assert "sarcasm" in [feature.pattern for feature in features(("Oh, a brilliant idea",), sentiment=True)]


def test_a_lone_as_is_no_comparison() -> None:
    assert "comparison" not in [feature.pattern for feature in features(("She works as a spy",), sentiment=False)]
