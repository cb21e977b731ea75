from __future__ import annotations

import pytest

from bsm_core.workflow.edits import EditKind, Target, distance, edit_kind, target_of, word_edits


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("wonderful", "wnoderful", EditKind.SWAP),
        ("wonderful", "wonderfl", EditKind.DELETION),
        ("wonderful", "wondferful", EditKind.INSERTION),
        ("wonderful", "wondexful", EditKind.SUBSTITUTION),
        ("wonderful", "wondеrful", EditKind.HOMOGLYPH),
        ("wonderful", "wnoderfl", EditKind.SEVERAL),
        ("good", "dreadful", EditKind.WORD),
        ("", "very", EditKind.ADDED),
        ("very", "", EditKind.REMOVED),
        ("a", "b", EditKind.SUBSTITUTION),
    ],
)
def test_edit_kind_of_one_word_names_the_slip(before: str, after: str, kind: EditKind) -> None:
    assert edit_kind(before, after) is kind
    assert kind.is_typo is (kind not in (EditKind.WORD, EditKind.ADDED, EditKind.REMOVED))


@pytest.mark.parametrize(
    ("word", "target"),
    [
        ("brilliant", Target.OPINION),
        ("Isn't", Target.NEGATION),
        ("isn’t", Target.NEGATION),
        ("really", Target.INTENSIFIER),
        ("Scorsese", Target.NAME),
        ("cinematography", Target.LONG),
        ("chair", Target.OTHER),
        ("I", Target.OTHER),
    ],
)
def test_target_of_a_word_is_its_most_telling_kind(word: str, target: Target) -> None:
    assert target_of(word) is target


def test_capital_at_the_start_of_a_text_is_no_name() -> None:
    assert target_of("Chair", first=True) is Target.OTHER


def test_word_edits_of_equal_texts_are_none() -> None:
    assert word_edits(("the same text .",), ("the same text .",)) == []


def test_word_edits_find_each_changed_word_in_order_on_both_sides_of_a_pair() -> None:
    edits = word_edits(("a brilliant film", "it is not dull"), ("a brillant film", "it is nto dull"))
    assert [(edit.original, edit.perturbed, edit.kind, edit.target) for edit in edits] == [
        ("brilliant", "brillant", EditKind.DELETION, Target.OPINION),
        ("not", "nto", EditKind.SWAP, Target.NEGATION),
    ]


def test_a_word_that_fell_in_two_is_an_edit_and_an_added_word() -> None:
    edits = word_edits(("somewhat dull",), ("some what dull",))
    assert [edit.kind for edit in edits] == [EditKind.SEVERAL, EditKind.ADDED]


def test_distance_counts_single_letter_edits() -> None:
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
