"""The Bi-LSTM of the controlled check (appendix C): word vectors, one layer read in both directions, a linear head.

Built as a transformers model of a type of its own, so that saving, loading, asking and clustering are the encoders'.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizerFast
from transformers.modeling_outputs import SequenceClassifierOutput

from bsm_core.classifiers.glove import word_vectors
from bsm_core.classifiers.opened import Opened
from bsm_core.classifiers.vocabulary import SPECIALS, vocabulary_of, word_tokenizer
from bsm_core.ports import LabelledText

MODEL_TYPE = "bsm-bilstm"
KIND = "bilstm"
VECTORS = "glove-6b-50d"
"""The packaged asset with the word vectors."""
PASS_TOKENS = 16384
"""It walks along a text word by word, so that many texts at once cost little more than one."""
HIDDEN = 64
"""States in one direction; a text's vector has twice as many."""


class BiLstmConfig(transformers.PretrainedConfig):
    model_type = MODEL_TYPE

    def __init__(
        self,
        vocab_size: int = len(SPECIALS),
        vector_size: int = 50,
        direction_size: int = HIDDEN,
        dropout: float = 0.3,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.vocab_size, self.vector_size = vocab_size, vector_size
        self.direction_size, self.dropout = direction_size, dropout
        self.hidden_size = 2 * direction_size


class BiLstmReader(torch.nn.Module):
    """Token ids to one vector a text."""

    def __init__(self, config: BiLstmConfig) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(config.vocab_size, config.vector_size, padding_idx=0)
        self.lstm = torch.nn.LSTM(config.vector_size, config.direction_size, batch_first=True, bidirectional=True)
        self.dropout = torch.nn.Dropout(config.dropout)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(n, length) to (n, hidden): the mean of the states, the two directions side by side. Padding is not read."""
        lengths = attention_mask.sum(dim=1)
        words = self.dropout(self.words(input_ids))
        read = pack_padded_sequence(words, lengths.cpu(), batch_first=True, enforce_sorted=False)
        states = pad_packed_sequence(self.lstm(read)[0], batch_first=True)[0]
        return states.sum(dim=1) / lengths.unsqueeze(1)


class BiLstmForSequenceClassification(transformers.PreTrainedModel):
    config_class = BiLstmConfig  # type: ignore[assignment]  # declared as None above
    base_model_prefix = "reader"

    def __init__(self, config: BiLstmConfig) -> None:
        super().__init__(config)
        self.reader = BiLstmReader(config)
        self.dropout = torch.nn.Dropout(config.dropout)
        self.classifier = torch.nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def _init_weights(self, module: torch.nn.Module) -> None:
        """The modules are drawn by torch's own rules when they are made."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.classifier(self.dropout(self.reader(input_ids, attention_mask))))


AutoConfig.register(MODEL_TYPE, BiLstmConfig)
AutoModelForSequenceClassification.register(BiLstmConfig, BiLstmForSequenceClassification)


def start(glove: Path, label_names: Sequence[str], rows: Sequence[LabelledText]) -> Opened:
    """A new Bi-LSTM that knows the words of ``rows`` and the most frequent ones of GloVe, with GloVe's vectors.
    The rest is drawn from torch's global generator."""
    vectors, sha256 = word_vectors(glove)
    vocabulary = vocabulary_of((row.text for row in rows), vectors.words)
    names = dict(enumerate(label_names))
    config = BiLstmConfig(
        vocab_size=len(vocabulary),
        vector_size=vectors.size,
        id2label=names,
        label2id={name: index for index, name in names.items()},
    )
    model = BiLstmForSequenceClassification(config)
    with torch.no_grad():
        weight = model.reader.words.weight
        weight.mul_(vectors.spread)  # words without a vector: as long as the others
        weight[0] = 0.0
        known = [at for at, word in enumerate(vocabulary) if word in vectors.words]
        weight[known] = torch.from_numpy(vectors.rows([vocabulary[at] for at in known]))
    tokenizer: BertTokenizerFast = word_tokenizer(vocabulary)
    facts = {"word_vectors": VECTORS, "known_words": len(vocabulary)}
    return Opened(model, tokenizer, KIND, sha256, facts, pass_tokens=PASS_TOKENS)
