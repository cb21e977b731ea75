from __future__ import annotations

from bsm_core.workflow.lexicon import lexicon, word_spans, words


def test_words_keep_apostrophes_and_hyphens_and_drop_punctuation() -> None:
    assert words("It isn't half-baked , is it ?") == ["It", "isn't", "half-baked", "is", "it"]


def test_word_spans_point_at_the_words() -> None:
    text = "a naïve, well-made film"
    assert [text[start:stop] for start, stop in word_spans(text)] == words(text)


def test_no_word_is_both_good_and_bad() -> None:
    assert lexicon().positive.isdisjoint(lexicon().negative)


def test_adjectives_and_rare_words_are_opinions_of_their_side() -> None:
    known = lexicon()
    assert set(known.adjectives(True)) | set(known.rare(True)) <= known.positive
    assert set(known.adjectives(False)) | set(known.rare(False)) <= known.negative
    assert len(set(known.adjectives(True))) == len(known.adjectives(True)) > 100
    assert not set(known.rare(True)) & set(known.adjectives(True))


def test_negation_is_known_with_either_apostrophe() -> None:
    assert lexicon().is_negation("Don’t")
    assert lexicon().is_negation("never")
    assert not lexicon().is_negation("now")
