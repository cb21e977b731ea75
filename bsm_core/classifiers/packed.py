"""BERT's forward pass without padding, for the CPU: the same answers as transformers' but for float32's rounding.

The tokens of all texts lie in one matrix; attention alone goes text by text, those of one length together, so nothing
is padded and nothing masked. The last layer computes only the first token, the only one a classifier's head reads.
Weights are packed for oneDNN once. Each row of its products is the same to the bit whatever other rows there are, so
that an answer does not depend on the batch either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers
from torch.nn.functional import scaled_dot_product_attention

from bsm_core.classifiers.tokens import TokenizedText

Linear = Callable[[torch.Tensor], torch.Tensor]
"""(rows, in) to (rows, out)."""

_ROWS = 16
"""Matrices get further rows up to a multiple of it: oneDNN prepares itself for each new number of rows, which takes as
long as a short text, and has other code for a single one, which rounds otherwise."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighboring texts of the same ``length``; the first token of the first of them is at ``start``."""

    start: int
    count: int
    length: int

    def of(self, tokens: torch.Tensor, heads: int) -> torch.Tensor:
        """Its rows of (tokens, hidden), as attention wants them: (count, heads, length, hidden / heads)."""
        rows = tokens[self.start : self.start + self.count * self.length]
        return rows.view(self.count, self.length, heads, -1).transpose(1, 2)


class PackedBert:
    """A ``BertForSequenceClassification``; see ``pack``. It holds copies of the weights, not the model."""

    def __init__(self, model: Any, types: bool) -> None:
        bert = model.bert
        self._types = types
        self._embeddings = bert.embeddings
        self._layers = [_Layer(layer) for layer in bert.encoder.layer]
        self._pooler, self._head = _packed(bert.pooler.dense), _packed(model.classifier)

    def __call__(self, texts: Sequence[TokenizedText]) -> torch.Tensor:
        """Logits (len(texts), K). Texts of one length must be neighbors."""
        lengths = [len(text) for text in texts]
        starts = _filled(np.cumsum([0, *lengths[:-1]]))
        groups = _groups(lengths)
        tokens = self._embedded(texts)
        for layer in self._layers[:-1]:
            tokens = layer(tokens, groups)
        first = self._layers[-1].first(tokens, groups, starts)
        return self._head(torch.tanh(self._pooler(first)))[: len(texts)]

    def _embedded(self, texts: Sequence[TokenizedText]) -> torch.Tensor:
        parts = self._embeddings
        kinds = np.concatenate([text.types if self._types else np.zeros_like(text.types) for text in texts])
        places = np.concatenate([np.arange(len(text)) for text in texts])
        tokens = parts.word_embeddings(_filled(np.concatenate([text.ids for text in texts])))
        tokens += parts.token_type_embeddings(_filled(kinds))
        tokens += parts.position_embeddings(_filled(places))
        embedded: torch.Tensor = parts.LayerNorm(tokens)
        return embedded


class _Layer:
    def __init__(self, layer: Any) -> None:
        attention = layer.attention.self
        self._heads = attention.num_attention_heads
        self._all = _packed(attention.query, attention.key, attention.value)
        self._query, self._others = _packed(attention.query), _packed(attention.key, attention.value)
        self._mixed = _packed(layer.attention.output.dense)
        self._up, self._down = _packed(layer.intermediate.dense, gelu=True), _packed(layer.output.dense)
        self._middle_norm, self._last_norm = layer.attention.output.LayerNorm, layer.output.LayerNorm

    def __call__(self, tokens: torch.Tensor, groups: Sequence[_Group]) -> torch.Tensor:
        """(tokens, hidden) to the same."""
        queries, keys, values = self._all(tokens).chunk(3, dim=1)
        seen = torch.zeros_like(tokens)
        for group in groups:
            query, key, value = (group.of(one, self._heads) for one in (queries, keys, values))
            group.of(seen, self._heads).copy_(scaled_dot_product_attention(query, key, value))
        return self._rest(tokens, seen)

    def first(self, tokens: torch.Tensor, groups: Sequence[_Group], starts: torch.Tensor) -> torch.Tensor:
        """The first token of each text alone: (tokens, hidden) to (texts, hidden)."""
        keys, values = self._others(tokens).chunk(2, dim=1)
        tokens = tokens[starts]
        queries = self._query(tokens)
        seen = torch.zeros_like(tokens)
        done = 0
        for group in groups:
            alone = _Group(done, group.count, 1)
            query = alone.of(queries, self._heads)
            key, value = (group.of(one, self._heads) for one in (keys, values))
            alone.of(seen, self._heads).copy_(scaled_dot_product_attention(query, key, value))
            done += group.count
        return self._rest(tokens, seen)

    def _rest(self, tokens: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        mixed = self._mixed(seen)
        middle = self._middle_norm(mixed.add_(tokens))
        norm: torch.Tensor = self._last_norm(self._down(self._up(middle)).add_(middle))
        return norm


def pack(model: transformers.PreTrainedModel, types: bool) -> PackedBert | None:
    """``model`` in packed form; None where that is not known to be the same or the machine lacks what it needs.
    ``types``: as in ``TextTokenizer.pad``."""
    known = (
        type(model) is transformers.BertForSequenceClassification
        and model.config.hidden_act == "gelu"
        and model.config.position_embedding_type == "absolute"
        and not model.config.is_decoder
    )
    fits = model.device.type == "cpu" and model.dtype is torch.float32 and torch.backends.mkldnn.is_available()
    return PackedBert(model, types) if known and fits else None


def _packed(*parts: torch.nn.Linear, gelu: bool = False) -> Linear:
    """Linear maps of the same input, side by side, as one."""
    bias = torch.cat([part.bias.detach() for part in parts])
    weight = torch.ops.mkldnn._reorder_linear_weight(torch.cat([part.weight.detach() for part in parts]), None)
    after: tuple[str, list[float], str] = (
        ("gelu", [], "none") if gelu else ("none", [], "")
    )  # "none": by the error function, as BERT has it

    def linear(rows: torch.Tensor) -> torch.Tensor:
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, *after)
        return product

    return linear


def _filled(numbers: npt.NDArray[Any]) -> torch.Tensor:
    """With zeros up to a multiple of ``_ROWS``; what is computed for them is not read."""
    return torch.from_numpy(np.pad(numbers, (0, -len(numbers) % _ROWS)))


def _groups(lengths: Sequence[int]) -> list[_Group]:
    groups: list[_Group] = []
    start = 0
    for length in lengths:
        if groups and groups[-1].length == length:
            groups[-1] = _Group(groups[-1].start, groups[-1].count + 1, length)
        else:
            groups.append(_Group(start, 1, length))
        start += length
    return groups
