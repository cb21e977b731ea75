"""Token ids of words that were tokenized before: an attack asks about one text a hundred times, a word or two changed.

BERT's tokenizer looks at nothing beyond a space: it normalizes character by character, splits at white space and signs,
and cuts each word into pieces by itself. So what stands between spaces has the same ids in every text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from bsm_core.domain.tasks import Text

Ids = tuple[int, ...]

_MOST_WORDS = 200_000
_LONGEST_WORD = 100
"""Characters; longer ones are hardly met twice."""


class WordCache:
    """The ids that ``tokenizer``, which must not cut, gives to a text with its special tokens; see ``word_cache``."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._words: dict[str, Ids] = {}
        self._first, self._last = tokenizer.encode("").ids

    def tokenize(self, text: Text, max_length: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Ids and types of a text of one side, cut, or of two that need no cut; None for two that do.

        Raises TypeError for what is no valid Unicode.
        """
        sides = [self._side(side) for side in text]
        if len(sides) == 1:
            ids = [self._first, *sides[0][: max_length - 2], self._last]
            return np.asarray(ids, dtype=np.int32), np.zeros(len(ids), dtype=np.int32)
        one, other = sides
        if len(one) + len(other) + 3 > max_length:
            return None
        ids = [self._first, *one, self._last, *other, self._last]
        types = np.zeros(len(ids), dtype=np.int32)
        types[len(one) + 2 :] = 1
        return np.asarray(ids, dtype=np.int32), types

    def _side(self, text: str) -> list[int]:
        found: list[int] = []
        for word in text.split(" "):
            ids = self._words.get(word)
            found += self._learned(word) if ids is None else ids
        return found

    def _learned(self, word: str) -> Sequence[int]:
        ids = tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)
        if len(word) <= _LONGEST_WORD:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            self._words[word] = ids
        return ids


def word_cache(tokenizer: Tokenizer) -> WordCache | None:
    """None for a tokenizer that is not known to be BERT's: others (byte-level ones, say) do look at the space."""
    made: dict[str, Any] = json.loads(tokenizer.to_str())
    types = [(made[part] or {}).get("type") for part in ("normalizer", "pre_tokenizer", "model")]
    plain = all(
        " " not in one["content"] and not (one["lstrip"] or one["rstrip"] or one["single_word"])
        for one in made["added_tokens"]
    )
    known = types == ["BertNormalizer", "BertPreTokenizer", "WordPiece"] and plain and _frames_as_bert(tokenizer)
    return WordCache(tokenizer) if known else None


def _frames_as_bert(tokenizer: Tokenizer) -> bool:
    """Whether special tokens stand as in ``[CLS] one [SEP] other [SEP]``, with types 0 and 1."""
    empty, pair = tokenizer.encode(""), tokenizer.encode("", "")
    return (
        len(empty.ids) == 2
        and pair.ids == [*empty.ids, empty.ids[1]]
        and (empty.type_ids, pair.type_ids) == ([0, 0], [0, 0, 1])
    )
