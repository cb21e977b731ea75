"""A tiny Llama with random weights and its tokenizer, as a folder and as an asset."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.encoders import WORDS


def make_tiny_llama(folder: Path, seed: int = 0) -> Path:
    """A causal language model of two layers with a vocabulary of ``WORDS``. As Llama 2's, its tokenizer has no padding
    token; as SmolLM2's, it frames no text."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {token: at for at, token in enumerate(("<unk>", "<s>", "</s>", *WORDS))}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>", model_max_length=64
    ).save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder, safe_serialization=True)
    return folder
