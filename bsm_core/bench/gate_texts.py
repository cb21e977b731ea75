"""The texts that the gates are measured on: packaged movie reviews, and bad texts made from them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bsm_core.config import load_preset
from bsm_core.domain.tasks import Split, Text
from bsm_core.errors import WorkbenchError
from bsm_core.tasks.loading import load_dataset
from bsm_core.workflow import made_bad
from bsm_core.workflow.word_order import misspelled

REVIEWS, SENTENCES = "imdb", "rotten_tomatoes"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Kinds:
    """Equally many of each; none of them is a reference, or made from one."""

    real: list[Text]
    bad: dict[str, list[Text]]


def sentences(count: int, seed: int) -> list[Text]:
    """Movie-review sentences in an order drawn by seed. Raises WorkbenchError where there are not so many."""
    config = replace(load_preset("demo"), task=SENTENCES, train_size=0, validation_size=1, test_size=1, seed=seed)
    found = [example.text for example in load_dataset(config).of(Split.TRAIN)]
    if count > len(found):
        raise WorkbenchError(f"{count:,} sentences are asked for and {len(found):,} are packaged; ask for fewer")
    return found[:count]


def review_sentences(count: int, seed: int) -> list[Text]:
    """From each packaged review its first sentence of 8 to 40 words; where there is none, its first 24 words."""
    return [(_lead(review[0]),) for review in reviews(count, seed)]


def reviews(count: int, seed: int) -> list[Text]:
    config = replace(load_preset("demo"), task=REVIEWS, train_size=0, validation_size=1, test_size=1, seed=seed)
    found = [example.text for example in load_dataset(config).examples]
    if count > len(found):
        raise WorkbenchError(f"{count:,} reviews are asked for and {len(found):,} are packaged; ask for fewer")
    return found[:count]


def kinds(real: Sequence[Text], vocabulary_from: Sequence[Text], seed: int) -> Kinds:
    drawn, words = random.Random(seed), made_bad.vocabulary_of(vocabulary_from)
    return Kinds(
        list(real),
        {
            "off-topic": made_bad.off_topic(len(real), seed),
            "shuffled": [made_bad.shuffled(text, drawn) for text in real],
            "random words": [made_bad.random_words(text, words, drawn) for text in real],
        },
    )


def copies(texts: Sequence[Text], seed: int) -> dict[str, list[Text]]:
    """Copies of texts that were not to be copied: word by word, and with a slip in three of ten longer words."""
    drawn = random.Random(f"{seed}/copies")
    return {
        "copies of test": list(texts),
        "copies, misspelled": [(misspelled(text[0], drawn),) for text in texts],
    }


def _lead(review: str) -> str:
    for sentence in _SENTENCE_END.split(review):
        if 8 <= len(sentence.split()) <= 40:
            return sentence
    return " ".join(review.split()[:24])
