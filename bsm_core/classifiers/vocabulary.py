"""The Bi-LSTM's words: which it knows, and the tokenizer that finds them in a text."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import BertTokenizerFast

from bsm_core.domain.tasks import Text

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")

FREQUENT = 40_000
"""GloVe's most frequent words are known even if no training text has them: other texts and attacks do."""

SEEN = 2
"""A word without a vector is learned from training alone, so that once is too little."""


def vocabulary_of(texts: Iterable[Text], vectors: Mapping[str, int]) -> list[str]:
    """The words of ``texts``, the most frequent first, then those of ``vectors``, which are in order of frequency."""
    normalizer, splitter = BertNormalizer(lowercase=True), BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        for side in text:
            counts.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(side)))
    seen = [
        word
        for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        if word in vectors or count >= SEEN
    ]
    # What the splitter would cut can never be met.
    frequent = (word for word, row in vectors.items() if row < FREQUENT and _is_whole(word, splitter))
    return list(dict.fromkeys([*SPECIALS, *seen, *frequent]))


def word_tokenizer(vocabulary: list[str]) -> BertTokenizerFast:
    """BERT's tokenizer over whole words: lower case, without accents, split at white space and signs. A word outside
    ``vocabulary`` is [UNK], since no piece of a word is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocab.txt"
        path.write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
        return BertTokenizerFast(str(path), mask_token=None, clean_up_tokenization_spaces=False)


def _is_whole(word: str, splitter: BertPreTokenizer) -> bool:
    return not word.startswith("##") and len(splitter.pre_tokenize_str(word)) == 1
