"""Texts that a gate should refuse, made from real ones or taken from elsewhere: what its pass mark is tried on."""

from __future__ import annotations

import ast
import random
import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bsm_core.domain.tasks import Text

_MODULES: tuple[str, ...] = (
    "argparse",
    "calendar",
    "csv",
    "decimal",
    "difflib",
    "doctest",
    "fractions",
    "gettext",
    "imaplib",
    "locale",
)
_MODULES += ("logging/__init__", "mailbox", "optparse", "pickletools", "shutil", "smtplib", "socket", "ssl")
_MODULES += ("statistics", "subprocess", "tarfile", "tempfile", "textwrap", "threading", "tkinter/__init__", "turtle")
_MODULES += ("typing", "unittest/mock", "urllib/request", "zipfile")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def shuffled(text: Text, drawn: random.Random) -> Text:
    """The words of all its sides in another order, as one text."""
    parts = " ".join(text).split()
    drawn.shuffle(parts)
    return (" ".join(parts),)


def random_words(text: Text, vocabulary: Sequence[str], drawn: random.Random) -> Text:
    """As many words as the text has, drawn from ``vocabulary`` (every word of the training texts as often as it
    stands there)."""
    return (" ".join(drawn.choice(vocabulary) for _ in " ".join(text).split()),)


def vocabulary_of(texts: Sequence[Text]) -> list[str]:
    return [word for text in texts for side in text for word in side.split()]


def off_topic(count: int, seed: int) -> list[Text]:
    """Sentences about something else: from the documentation strings of Python's standard library, drawn by seed.

    Fewer when there are fewer, none when the library's source is not on the machine.
    """
    found = list(_documentation())
    random.Random(f"{seed}/off topic").shuffle(found)
    return [(sentence,) for sentence in found[:count]]


@cache
def _documentation() -> tuple[str, ...]:
    folder = Path(sysconfig.get_path("stdlib"))
    paths = [folder / f"{name}.py" for name in _MODULES]
    found = [sentence for path in paths if path.exists() for sentence in _sentences(path)]
    return tuple(dict.fromkeys(found))


def _sentences(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)]
    texts = [" ".join((ast.get_docstring(node) or "").split()) for node in documented]
    return [sentence + "." for text in texts for sentence in text.split(". ") if _is_prose(sentence)]


def _is_prose(sentence: str) -> bool:
    """8 to 40 words, nearly all of them letters: no code, no tables."""
    parts = sentence.split()
    plain = sum(part.strip(",;:()'\"").isalpha() for part in parts)
    return 8 <= len(parts) <= 40 and plain >= 0.9 * len(parts) and sentence[0].isupper()
