import random
import string

import pytest

from bsm_core.workflow.diffing import Fold, Piece, changed_words, diff, fold, word_edits


def changes(before: str, after: str) -> list[tuple[str, str]]:
    return [(span.before.strip(), span.after.strip()) for span in diff(before, after) if span.changed]


def test_diff_of_equal_texts_is_one_unchanged_span() -> None:
    [span] = diff("a fine film", "a fine film")
    assert not span.changed
    assert (span.before, span.words) == ("a fine film", 3)


def test_diff_of_swapped_words_pairs_them_word_for_word() -> None:
    assert changes("a brilliant , moving film", "a brillaint , movnig film") == [
        ("brilliant", "brillaint"),
        ("moving", "movnig"),
    ]


def test_diff_of_a_split_word_keeps_the_rest_aligned() -> None:
    assert changes("one two three four", "one tw o three four") == [("two", "tw o")]


def test_diff_of_inserted_and_dropped_words_has_one_empty_side() -> None:
    assert changes("good film", "not good film") == [("", "not")]
    assert changes("not good film", "good film") == [("not", "")]


@pytest.mark.parametrize(("before", "after"), [("", ""), ("", "a b"), ("a b", ""), ("  ", "a")])
def test_diff_with_an_empty_side_does_not_fail(before: str, after: str) -> None:
    spans = diff(before, after)
    assert "".join(span.before for span in spans).strip() == before.strip()
    assert "".join(span.after for span in spans).strip() == after.strip()


def test_diff_of_repeated_word_marks_only_the_changed_one() -> None:
    assert changes("very very very good", "very vrey very good") == [("very", "vrey")]


def test_diff_sees_an_invisible_character() -> None:
    assert changes("a good film", "a go\u200bod film") == [("good", "go\u200bod")]


def test_diff_marks_the_characters_within_a_changed_word() -> None:
    span = next(span for span in diff("so cold", "so colld") if span.changed)
    assert all(not piece.changed for piece in span.before_pieces)
    assert span.after_pieces == (Piece("col", False), Piece("l", True), Piece("d", False))


def test_diff_of_unlike_words_marks_no_characters() -> None:
    span = next(span for span in diff("a good film", "a weary film") if span.changed)
    assert span.before_pieces == ()


def test_diff_of_random_edits_gives_back_both_texts() -> None:
    rng = random.Random(7)
    for _ in range(200):
        old = ["".join(rng.choices("abc", k=rng.randint(1, 3))) for _ in range(rng.randint(0, 12))]
        new = [word for word in old if rng.random() > 0.2]
        for _ in range(rng.randint(0, 3)):
            new.insert(rng.randint(0, len(new)), rng.choice("xyz"))
        spans = diff(" ".join(old), " ".join(new))
        assert " ".join(span.before for span in spans).split() == old
        assert " ".join(span.after for span in spans).split() == new
        assert all(span.changed == (span.before.split() != span.after.split()) for span in spans)


def test_diff_of_long_unlike_texts_is_quick() -> None:
    rng = random.Random(1)
    old, new = (" ".join(rng.choice(string.ascii_lowercase) for _ in range(5_000)) for _ in range(2))
    spans = diff(old, new + " more")
    assert changed_words(spans) >= 4_000


def test_fold_of_a_long_unchanged_span_keeps_its_ends() -> None:
    words = [f"w{n}" for n in range(100)]
    folded = fold(diff(" ".join(words), " ".join(words))[0], keep=10, least=10)
    assert isinstance(folded, Fold)
    assert folded.words == 80
    assert folded.head.split() == words[:10]
    assert folded.tail.split() == words[-10:]
    assert folded.head + folded.middle + folded.tail == " ".join(words)


def test_fold_of_a_short_or_changed_span_leaves_it() -> None:
    short = diff("a b c", "a b c")[0]
    assert fold(short) is short
    changed = diff("", " ".join("x" * 100))[0]
    assert fold(changed) is changed


@pytest.mark.parametrize(
    ("before", "after", "edits"),
    [("", "", 0), ("a b", "a b", 0), ("", "a b", 2), ("a b c", "a c", 1), ("a b c", "x b y", 2), ("a b", "b a", 2)],
)
def test_word_edits_are_the_fewest_that_lead_there(before: str, after: str, edits: int) -> None:
    assert word_edits(before, after) == word_edits(after, before) == edits
