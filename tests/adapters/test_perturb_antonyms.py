import pytest

from bsm_core.config import DATA
from bsm_core.perturb.antonyms import are_opposed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("good", "bad"),
        ("love", "hate"),
        ("succeed", "fail"),
        ("dull", "interesting"),  # by way of "uninteresting"
        ("predictable", "unpredictable"),
        ("joyful", "joyless"),
        ("thick", "thin"),
    ],
)
def test_opposites_are_opposed_either_way(one: str, other: str) -> None:
    assert are_opposed(one, other)
    assert are_opposed(other, one)


@pytest.mark.parametrize(("one", "other"), [("film", "movie"), ("dull", "boring"), ("good", "good"), ("qwxz", "good")])
def test_words_of_like_meaning_are_not(one: str, other: str) -> None:
    assert not are_opposed(one, other)


def test_every_line_of_the_list_has_two_groups_and_the_license_comes_with_it() -> None:
    lines = (DATA / "lexicon" / "antonyms.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or len(line.split(" | ")) == 2 for line in lines)
    assert any("Princeton" in line for line in lines)
