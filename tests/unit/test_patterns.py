"""The catalogue, the patterns that UUs show, and their application to plain sentences."""

from __future__ import annotations

import random

import pytest

from bsm_core.errors import ConfigError
from bsm_core.workflow import frames
from bsm_core.workflow.edits import EditKind, Target, edit_kind, target_of, word_edits
from bsm_core.workflow.lexicon import lexicon
from bsm_core.workflow.patterns import (
    Sentiment,
    findings,
    is_pattern,
    key_in_words,
    known_weaknesses,
    pattern,
    sentiment,
    typo_key,
    typo_of,
)
from bsm_core.workflow.sentences import clean_sentence, sentence_problem
from tests.agents import make_unknown
from tests.factories import make_task

TASK, POLES = make_task(), Sentiment(negative=0, positive=1)
PLAIN = {0: ("The acting is dull and the script has no life.", "dull"), 1: ("The cast makes it a witty film.", "witty")}
TYPOS = [kind for kind in EditKind if kind.is_typo]


def test_every_known_weakness_is_a_pattern_with_all_its_words() -> None:
    keys = known_weaknesses(opinions=True)
    assert len(set(keys)) == len(keys) > 40
    for key in keys:
        found = pattern(key)
        assert is_pattern(key)
        assert all((found.when, found.because, found.leap))
        assert "{" not in found.when


def test_without_opinions_only_typos_in_plain_words_are_known() -> None:
    assert {typo_of(key)[1] for key in known_weaknesses(opinions=False)} == {  # type: ignore[index]
        Target.NAME,
        Target.LONG,
        Target.OTHER,
    }


@pytest.mark.parametrize(
    "key", ["", "typo/word/opinion", "typo/swap", "frame/things", "frame/haiku", "swapped-letters"]
)
def test_unknown_key_is_no_pattern(key: str) -> None:
    assert not is_pattern(key)
    with pytest.raises(ConfigError, match="no pattern"):
        pattern(key)


def test_sentiment_is_seen_by_the_label_names_in_either_order() -> None:
    assert sentiment(make_task(labels=("Positive", "Negative"))) == Sentiment(negative=1, positive=0)
    assert sentiment(make_task(labels=("sports", "business"))) is None
    assert sentiment(make_task(labels=("negative", "neutral", "positive"))) is None


@pytest.mark.parametrize(
    ("original", "perturbed", "key", "evidence"),
    [
        (
            "a chair and a brilliant film",
            "a chiar and a brillant film",
            "typo/deletion/opinion",
            '"brilliant" → "brillant"',
        ),
        ("a chair and a table", "a chiar and a table", "typo/swap/other", '"chair" → "chiar"'),
        ("it is a good film", "it is a sublime film", "synonym", '"good" → "sublime"'),
        ("it is not here", "it is nt here", "typo/deletion/negation", '"not" → "nt"'),
        ("the same", "the same", "typo/several/other", ""),
    ],
)
def test_adversarial_uu_shows_the_edit_of_its_most_telling_word(
    original: str, perturbed: str, key: str, evidence: str
) -> None:
    first = findings(make_unknown(original, perturbed), POLES)[0]
    assert (first.key, first.evidence) == (key, evidence)


@pytest.mark.parametrize(
    ("text", "label", "key"),
    [
        ("I expected much but got little", 0, "frame/contrast"),
        ("a brilliant way to lose two hours", 0, "frame/sarcasm"),
        ("a brilliant evening", 1, "synonym"),
        ("we stayed to the end", 1, "frame/implicit"),
    ],
)
def test_natural_uu_shows_a_feature_of_its_text(text: str, label: int, key: str) -> None:
    assert findings(make_unknown(text, label=label), POLES)[0].key == key


def test_where_sentiment_means_nothing_an_opinion_word_is_a_word_like_others() -> None:
    assert findings(make_unknown("a good day", "a godo day"), None)[0].key == "typo/swap/other"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Double negation confuses it.", "frame/negation"),
        ("It takes irony at face value.", "frame/sarcasm"),
        ("It trips over misspelled words.", "typo/several/opinion"),
        ("It knows nothing about boats.", None),
    ],
)
def test_pattern_is_read_from_a_hypothesis_in_words(text: str, key: str | None) -> None:
    assert key_in_words(text) == key


@pytest.mark.parametrize("key", known_weaknesses(opinions=True))
@pytest.mark.parametrize("label", [0, 1])
def test_every_pattern_can_be_applied_to_some_sentence_and_leaves_it_readable(key: str, label: int) -> None:
    done = 0
    for seed in range(12):
        drawn = random.Random(f"{key}/{label}/{seed}")
        start = frames.sentence_start(TASK, key, label, drawn)
        assert start is not None
        sentence = f"{start.text} nothing in the room that anyone would stay for."
        applied = frames.apply(TASK, key, sentence, start.word, label, drawn)
        if applied is None:
            continue
        done += 1
        assert applied.how
        assert "{" not in applied.text
        assert applied.text[0].isupper() or typo_of(key)
        kind_and_target = typo_of(key)
        if kind_and_target:
            assert_misspelled(sentence, applied.text, *kind_and_target)
    assert done >= 4


def assert_misspelled(sentence: str, text: str, kind: EditKind, target: Target) -> None:
    """The edit is of its kind, in a word of its kind, in the sentence or in the words around it."""
    assert text != sentence
    if target in (Target.NAME, Target.NEGATION):
        return  # the sentence stands in a frame; test_misspell looks at these
    (edit,) = word_edits((sentence,), (text,))
    assert (edit.kind, edit.target) == (kind, target)


@pytest.mark.parametrize("kind", TYPOS)
@pytest.mark.parametrize(
    ("target", "word"),
    [(Target.NAME, "Sundance"), (Target.NEGATION, "wouldn't"), (Target.OPINION, "enjoyable"), (Target.OTHER, "people")],
)
def test_misspell_makes_one_slip_of_the_kind_in_the_word(kind: EditKind, target: Target, word: str) -> None:
    text = f"It is so at {word}"
    applied = frames.misspell(text, kind, target, None, random.Random(1))
    assert applied is not None
    changed = applied.text.split()[-1]
    assert edit_kind(word, changed) is kind
    assert applied.text.startswith("It is so at ")


def test_misspell_finds_no_place_where_there_is_no_such_word() -> None:
    assert frames.misspell("We sat there", EditKind.SWAP, Target.OPINION, None, random.Random(0)) is None
    assert frames.misspell("", EditKind.SWAP, Target.OTHER, None, random.Random(0)) is None


def test_application_is_the_same_for_the_same_seed() -> None:
    texts = {frames.apply(TASK, "frame/mixed", *PLAIN[1], 1, random.Random(5)) for _ in range(3)}
    assert len(texts) == 1


@pytest.mark.parametrize("label", [0, 1])
def test_a_frame_keeps_the_sentence_whole(label: int) -> None:
    sentence, word = PLAIN[label]
    for seed in range(10):
        applied = frames.apply(TASK, "frame/contrast", sentence, word, label, random.Random(seed))
        assert applied is not None
        assert sentence[1:] in applied.text


def test_no_opinion_pattern_is_applied_where_sentiment_means_nothing() -> None:
    task = make_task(labels=("sports", "business"))
    assert frames.sentence_start(task, "frame/contrast", 0, random.Random(0)) is None
    assert frames.apply(task, "frame/contrast", PLAIN[0][0], None, 0, random.Random(0)) is None
    assert frames.apply(task, typo_key(EditKind.SWAP, Target.OTHER), PLAIN[0][0], None, 0, random.Random(0)) is not None


def test_starts_carry_an_opinion_word_of_their_label_and_plots_none() -> None:
    for label in (0, 1):
        start = frames.sentence_start(TASK, typo_key(EditKind.SWAP, Target.OPINION), label, random.Random(label))
        assert start is not None
        assert start.word in lexicon().adjectives(label == 1)
        assert target_of(start.word or "") is Target.OPINION
    plot = frames.sentence_start(TASK, "frame/idiom", 0, random.Random(0))
    assert plot is not None
    assert plot.word is None


@pytest.mark.parametrize(
    ("start", "answer", "sentence"),
    [
        ("The plot is dull", "The plot is dull and slow. However, the cast is fine.", "The plot is dull and slow."),
        ("The plot is dull", " and slow, but the cast is fine.", "The plot is dull and slow."),
        ("The plot is dull", " and slow in the", "The plot is dull and slow."),
        ("The plot is dull", ' and "quite" slow', "The plot is dull and quite slow."),
        ("The plot is dull and", " not", "The plot is dull."),
        ("", "", ""),
    ],
)
def test_clean_sentence_ends_where_it_is_still_plain(start: str, answer: str, sentence: str) -> None:
    assert clean_sentence(start, answer) == sentence


@pytest.mark.parametrize(
    ("sentence", "word", "positive", "problem"),
    [
        ("It is a witty film that moves along nicely.", "witty", True, ""),
        ("It is a witty film that soon becomes tedious.", "witty", True, "'tedious' speaks against"),
        ("It is a dull film that is a delight somehow.", "dull", False, "'delight' speaks against"),
        ("It is a witty film that is not for me.", "witty", True, "'not' leaves its label in doubt"),
        ("It is a dull film that is not for me.", "dull", False, ""),
        ("It is a witty film that could do more.", "witty", True, "'could' leaves"),
        ("A witty film.", "witty", True, "3 words only"),
        ("A nurse drives to a great town by the sea.", None, True, r"has an opinion \(great\)"),
        ("A nurse drives to a small town by the sea.", None, True, ""),
        ("As an AI language model I write a witty sentence.", "witty", True, "refusal"),
    ],
)
def test_sentence_problem_names_the_word_that_spoils_it(
    sentence: str, word: str | None, positive: bool, problem: str
) -> None:
    import re

    found = sentence_problem(sentence, word, positive)
    assert re.search(problem, found) if problem else found == ""
