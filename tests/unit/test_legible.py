import pytest

from bsm_core.legible import cut, one_line, runs, visible
from bsm_core.ui.text import html, plain


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\x1b", "\u2028", "\u3164"])
def test_visible_labels_characters_that_hide_or_reverse_text(character: str) -> None:
    assert visible(f"a{character}b") == f"a⟨U+{ord(character):04X}⟩b"


def test_visible_keeps_ordinary_letters_of_any_script_and_line_breaks() -> None:
    text = "Ünïcode, 電影, فيلم\n\ttab"
    assert visible(text) == text


def test_visible_of_an_overlong_text_is_cut_with_a_note() -> None:
    shown = visible("x" * 100_000, 1_000)
    assert len(shown) < 1_100
    assert "99,000 more characters" in shown


def test_runs_of_a_pile_of_combining_marks_shows_at_most_three() -> None:
    seen = "".join(piece for hidden, piece in runs("a" + "\u0301" * 50) if not hidden)
    assert seen == "a" + "\u0301" * 3


def test_one_line_collapses_white_space_and_never_exceeds_its_limit() -> None:
    assert one_line("a \n  b") == "a b"
    assert len(one_line("word " * 10_000, 50)) <= 50
    assert one_line("x" * 50, 50) == "x" * 50


def test_cut_reports_what_is_missing() -> None:
    assert cut("abcdef", 4) == ("abcd", 2)


def test_plain_escapes_every_markdown_sign() -> None:
    hostile = "![x](http://e.test/a.png) <b> `c` $x$ :red[y] [a](b) # h ~~s~~"
    shown = plain(hostile)
    assert "![" not in shown
    assert "](" not in shown
    for sign in "`$[]()#~<>!*_:":
        assert all(shown[place - 1] == "\\" for place, char in enumerate(shown) if char == sign)
    assert shown.replace("\\", "") == hostile


def test_html_escapes_tags_and_labels_bidi_controls() -> None:
    shown = html("<script>alert(1)</script>\u202e\"'")
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert ">⟨U+202E⟩</span>" in shown
    assert "&quot;&#x27;" in shown
