"""A model opened for training, whatever its family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peft
import torch
from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Opened:
    """``kind`` is the family's name, ``sha256`` that of what it starts from, ``facts`` go into its card."""

    model: Any
    """A ``PreTrainedModel``, or a ``peft.PeftModel`` around one."""
    tokenizer: PreTrainedTokenizerFast
    kind: str
    sha256: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    pass_tokens: int | None = None
    """Padded tokens in one forward and backward pass, where the family has its own number."""
    half: torch.dtype | None = None
    """The precision of matrix products in training; None: float32 throughout."""

    def save(self, output: Path) -> None:
        """Weights as safetensors (of an adapted model the adapter alone), configuration and tokenizer."""
        output.mkdir(parents=True, exist_ok=True)
        if isinstance(self.model, peft.PeftModel):
            # The foundation's name, else the configuration would hold a path of this machine.
            self.model.peft_config["default"].base_model_name_or_path = str(self.facts["foundation"])
            self.model.save_pretrained(str(output), safe_serialization=True, save_embedding_layers=False)
            (output / "README.md").unlink(missing_ok=True)  # a form to be filled in; our card says it all
            plain: Any = self.model.get_base_model()
            plain.config.save_pretrained(output)
        else:
            self.model.save_pretrained(output, safe_serialization=True)
        self.tokenizer.save_pretrained(output)
