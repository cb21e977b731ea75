"""TextAttack just as it comes, to compare with: one example at a time, 32 queries a batch, each padded to the
tokenizer's maximum length by its own ``HuggingFaceModelWrapper``. Only the random generators are seeded by example, as
ours are."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import numpy as np
from textattack.models.wrappers import HuggingFaceModelWrapper

from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import Perturbation, PerturbationRecipe
from bsm_core.perturb.broker import FAILURES
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.randomness import seeded
from bsm_core.perturb.recipes import build_attack
from bsm_core.perturb.records import attacked, broken
from bsm_core.perturb.search import OnAnswer
from bsm_core.perturb.sides import COLUMNS

_BATCH = 32
"""TextAttack's default."""


class VanillaAttack:
    """A recipe against a transformers ``model`` and its ``tokenizer``. ``on_answer`` sees each query's answer. Of
    ``textfooler-local``, which TextAttack does not have, the parts are ours."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        on_answer: OnAnswer,
        recipe: PerturbationRecipe = PerturbationRecipe.DEEPWORDBUG,
        ingredients: Ingredients | None = None,
    ) -> None:
        self._wrapper = _Telling(model, tokenizer)
        self._on_answer = on_answer
        self._attack = build_attack(recipe, self._wrapper, ingredients=ingredients)
        self._attack.goal_function.batch_size = _BATCH

    def attack(self, example: Example, seed: int, set_id: str) -> Perturbation:
        """Outcome ERROR for an example that would have ended TextAttack's run."""
        self._wrapper.told = lambda texts, rows: self._on_answer(example, texts, rows)
        names = ("text",) if len(example.text) == 1 else COLUMNS
        started = time.perf_counter()
        try:
            with seeded(seed, example.example_id):
                result = self._attack.attack(OrderedDict(zip(names, example.text, strict=True)), example.label)
        except FAILURES as error:
            return broken(example, set_id, error, (), 0, time.perf_counter() - started)
        return attacked(example, set_id, result, time.perf_counter() - started)


class _Telling(HuggingFaceModelWrapper):
    def __call__(self, text_input_list: Any) -> Any:
        logits = super().__call__(text_input_list)
        texts = [(item,) if isinstance(item, str) else tuple(item) for item in text_input_list]
        self.told(texts, logits.detach().cpu().numpy().astype(np.float32))
        return logits
