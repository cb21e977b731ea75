"""A rule's pattern, applied to a plain sentence by code: a typo in the word it names, a rare word, or a frame of words
around the sentence. None of them may change the label."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bsm_core.domain.tasks import Task
from bsm_core.workflow.edits import EditKind, Target, edit_kind, target_of
from bsm_core.workflow.lexicon import lexicon, word_spans
from bsm_core.workflow.patterns import SYNONYM, catalogue, frame_of, sentiment, typo_of

_LOOKALIKES = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у", "j": "ј"}
_STRENGTHENERS = ("really", "truly", "utterly", "extremely", "thoroughly", "incredibly", "completely", "absolutely")
_VOWEL_SOUND = re.compile(r"(?!uni[^mn]|us[aeiu]|eu|one|once)[aeiou]", re.IGNORECASE)
_LONG_SUBJECT = 9
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Start:
    """How the plain sentence begins. ``word`` is its opinion word, None where there is to be no opinion."""

    text: str
    word: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """``how`` says what was done, for the sample's reasoning."""

    text: str
    how: str


def sentence_start(task: Task, key: str | None, label: int, drawn: random.Random) -> Start | None:
    """The beginning of a sentence that the pattern can be applied to; None when the task's labels are no sentiment."""
    poles = sentiment(task)
    if poles is None:
        return None
    data, frame = catalogue()["sentences"], frame_of(key or "")
    if frame is not None and catalogue()["frames"][frame].get("sentence") == "plot":
        people = drawn.sample(data["persons"], 2)
        return Start(drawn.choice(data["plot"]).format(person=people[0], person2=people[1]), None)
    positive = label == poles.positive
    word = drawn.choice(lexicon().rare(positive) if key == SYNONYM else lexicon().adjectives(positive))
    phrase, typo = word, typo_of(key or "")
    if frame == "intensifier":
        side = "positive" if positive else "negative"
        phrase = f"{drawn.choice(catalogue()['frames'][frame][f'strengthened_{side}'])} {word}"
    elif typo is not None and typo[1] is Target.INTENSIFIER:
        phrase = f"{drawn.choice(_STRENGTHENERS)} {word}"
    starters, aspects, nouns = data["opinion"], data["aspects"], data["nouns"]
    if typo is not None and typo[1] is Target.LONG:
        starters = [one for one in starters if "{aspect}" in one]
        aspects = [one for one in aspects if len(one) >= _LONG_SUBJECT and " " not in one]
    article = "an" if phrase[0] in "aeiou" else "a"
    slots = {"a": article, "A": article.capitalize(), "word": phrase}
    slots |= {"aspect": drawn.choice(aspects), "noun": drawn.choice(nouns)}
    return Start(drawn.choice(starters).format(**slots), word)


def apply(task: Task, key: str, sentence: str, word: str | None, label: int, drawn: random.Random) -> Applied | None:
    """The pattern ``key`` on ``sentence``, whose opinion word is ``word``. None when it has no place to be applied."""
    typo, frame, poles = typo_of(key), frame_of(key), sentiment(task)
    if typo is not None:
        carried = _carried(typo[1], sentence, poles is not None and label == poles.positive, drawn, poles is not None)
        return misspell(carried, typo[0], typo[1], word, drawn)
    if poles is None:
        return None
    if key == SYNONYM:
        return Applied(sentence, f'the opinion is put in the rare word "{word}"')
    if frame == "intensifier":
        return Applied(sentence, f'"{word}" is strengthened by a word of the opposite tone')
    if frame is None:
        return None
    wording = drawn.choice(catalogue()["frames"][frame]["positive" if label == poles.positive else "negative"])
    return Applied(_framed(wording, sentence, word, drawn), f'put into the frame "{wording}"')


def misspell(text: str, kind: EditKind, target: Target, word: str | None, drawn: random.Random) -> Applied | None:
    """A slip of ``kind`` in a word of the kind ``target``: in ``word`` itself if that is the target."""
    places = []
    for index, (start, stop) in enumerate(word_spans(text)):
        found = text[start:stop]
        if len(found) < 3 or not found.replace("'", "").replace("-", "").isalpha():
            continue
        is_own = word is not None and found.lower() == word.lower()
        if index == 0 and target is Target.LONG:
            continue  # a long first word ("Everything") is hardly a rare one
        if (target is Target.OPINION and is_own) or (target_of(found, index == 0) is target and not is_own):
            places.append((is_own, start, stop))
    if not places:
        return None
    own = [place for place in places if place[0]]
    _, start, stop = drawn.choice(own or places)
    before = text[start:stop]
    after = _slipped(before, kind, drawn)
    if after is None:
        return None
    return Applied(text[:start] + after + text[stop:], f'"{before}" became "{after}" ({kind})')


def _slipped(word: str, kind: EditKind, drawn: random.Random) -> str | None:
    """``word`` with one slip that really is of ``kind``; None when it has no place for it."""
    for _ in range(_TRIES):
        changed = _SLIPS[kind](word, drawn)
        if changed != word and edit_kind(word, changed) is kind:
            return changed
    return None


def _inner(word: str, drawn: random.Random, less: int = 1) -> int:
    """A place inside the word: readers forgive a slip there most."""
    return drawn.randrange(1, max(2, len(word) - less))


def _swap(word: str, drawn: random.Random) -> str:
    at = _inner(word, drawn, 2)
    return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def _delete(word: str, drawn: random.Random) -> str:
    at = _inner(word, drawn)
    return word[:at] + word[at + 1 :]


def _insert(word: str, drawn: random.Random) -> str:
    at = _inner(word, drawn)
    return word[:at] + drawn.choice(string.ascii_lowercase) + word[at:]


def _substitute(word: str, drawn: random.Random) -> str:
    at = _inner(word, drawn)
    return word[:at] + drawn.choice(string.ascii_lowercase) + word[at + 1 :]


def _look_alike(word: str, drawn: random.Random) -> str:
    places = [index for index, letter in enumerate(word) if letter in _LOOKALIKES]
    if not places:
        return word
    at = drawn.choice(places)
    return word[:at] + _LOOKALIKES[word[at]] + word[at + 1 :]


def _several(word: str, drawn: random.Random) -> str:
    for slip in drawn.sample((_swap, _delete, _insert, _substitute), 2):
        word = slip(word, drawn)
    return word


_SLIPS: dict[EditKind, Callable[[str, random.Random], str]] = {
    EditKind.SWAP: _swap,
    EditKind.DELETION: _delete,
    EditKind.INSERTION: _insert,
    EditKind.SUBSTITUTION: _substitute,
    EditKind.HOMOGLYPH: _look_alike,
    EditKind.SEVERAL: _several,
}


def _carried(target: Target, sentence: str, positive: bool, drawn: random.Random, opinions: bool) -> str:
    """The sentence, with words around it that hold the kind of word to be misspelled where it has none itself."""
    if target is Target.NAME:
        return _framed(drawn.choice(catalogue()["typo"]["carriers"]["name"]), sentence, None, drawn)
    if target is Target.NEGATION and opinions:
        wordings = catalogue()["frames"]["negation"]["positive" if positive else "negative"]
        return _framed(drawn.choice(wordings), sentence, None, drawn)
    return sentence


def _framed(wording: str, sentence: str, word: str | None, drawn: random.Random) -> str:
    frames = catalogue()["frames"]
    bad = _two([one for one in lexicon().adjectives(False) if one != word], drawn)
    good = _two([one for one in lexicon().adjectives(True) if one != word], drawn)
    thing = _two(frames["things"], drawn)
    slots: dict[str, Any] = {"bad": bad[0], "bad2": bad[1], "good": good[0], "good2": good[1]}
    slots |= {"thing": thing[0], "thing2": thing[1], "name": drawn.choice(frames["names"])}
    text: str = wording.format(s=_lowered(sentence), S=_raised(sentence), **slots)
    return _articles(_raised(text))


def _two(options: Sequence[str], drawn: random.Random) -> list[str]:
    return drawn.sample(list(options), 2)


def _lowered(sentence: str) -> str:
    """Lower-case start, but "I" stays, and so does a word that is capitals throughout."""
    first = sentence.split(maxsplit=1)[0]
    return (
        sentence
        if first in ("I", "I'm", "I've") or (len(first) > 1 and first.isupper())
        else (sentence[:1].lower() + sentence[1:])
    )


def _raised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _articles(text: str) -> str:
    """ "a" before a vowel made "an", as slots need it."""
    fixed = text.split(" ")
    for place in range(len(fixed) - 1):
        following = fixed[place + 1].lstrip("\"'")
        if fixed[place] in ("a", "A") and _VOWEL_SOUND.match(following):
            fixed[place] += "n"
    return " ".join(fixed)
