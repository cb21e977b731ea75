"""Remembered words have the ids that the whole text would give them, whatever the text."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, BertTokenizerFast, PreTrainedTokenizerFast

from bsm_core.classifiers.tokens import TextTokenizer
from bsm_core.classifiers.word_cache import word_cache
from bsm_core.domain.tasks import Text
from bsm_core.tasks.assets import asset_path

ALPHABET = [
    *"abcdefghij ABC ,.!?'\"-()  \t\n\r\v\f",
    *"éÅßΣςıİﬁñ中文字。日本\u0301\u200b\u200d\ufeff\u00ad\u0000\u001c\u0085\u00a0\u2009\u202e",
    *("e\u0301", "\U0001f600", "\U0001f469\u200d\U0001f680", "ก็", "שלום"),
    *("[SEP]", "[MASK]", "[UNK]", "##ing", " [CLS] ", "unbelievable", "film"),
]


@pytest.fixture(scope="module", params=["uncased", "cased"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerFast:
    packaged = AutoTokenizer.from_pretrained(asset_path("all-MiniLM-L6-v2"))
    if request.param == "uncased":
        return packaged  # type: ignore[no-any-return]
    vocabulary = tmp_path_factory.mktemp("cased") / "vocab.txt"
    words = sorted(packaged.get_vocab(), key=packaged.get_vocab().get)
    vocabulary.write_text("\n".join(words) + "\n", encoding="utf-8")
    return BertTokenizerFast(str(vocabulary), do_lower_case=False, strip_accents=None)


def drawn(seed: int) -> str:
    generator = random.Random(seed)
    return "".join(generator.choice(ALPHABET) for _ in range(generator.randrange(40)))


@pytest.mark.parametrize("max_length", [8, 64])
def test_ids_are_those_of_the_whole_text(tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
    ours = TextTokenizer(tokenizer, max_length)
    assert ours._words is not None
    texts: list[Text] = [(drawn(seed),) for seed in range(400)]
    texts += [(drawn(seed), drawn(seed + 1000)) for seed in range(400)]
    texts += texts[::-1]  # the second time from memory
    for text, found, whole in zip(texts, ours.tokenize(texts), ours._afresh(texts), strict=True):
        assert found.ids.tolist() == whole.ids.tolist(), repr(text)
        assert found.types.tolist() == whole.types.tolist(), repr(text)


def test_other_tokenizers_are_left_alone() -> None:
    other = Tokenizer(models.BPE())
    other.pre_tokenizer = pre_tokenizers.ByteLevel()  # type: ignore[assignment]
    assert word_cache(other) is None
    stripping = Tokenizer.from_str(
        AutoTokenizer.from_pretrained(asset_path("all-MiniLM-L6-v2")).backend_tokenizer.to_str()
    )
    stripping.add_tokens(["two words"])
    stripping.no_truncation()
    stripping.no_padding()
    assert word_cache(stripping) is None
