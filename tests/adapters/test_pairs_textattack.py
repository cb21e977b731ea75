"""TextAttack's own CSV log, written by its own logger, read back."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from bsm_core.domain.tasks import Text
from bsm_core.workflow.pairs import read_pairs
from tests.attacks import WordClassifier
from tests.records import make_task, review

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def _attacked(texts: list[Text], file: Path, style: str | None) -> list[tuple[Text, Text, int]]:
    """DeepWordBug on each text, logged to ``file``; (O, P, label) as TextAttack holds them."""
    from bsm_core.perturb.resources import load_textattack

    load_textattack()  # before the imports below, which are then quiet and offline
    from textattack.attack_recipes import DeepWordBugGao2018
    from textattack.loggers import CSVLogger
    from textattack.models.wrappers import ModelWrapper

    class Wrapped(ModelWrapper):
        model = WordClassifier()

        def __call__(self, inputs: list[str | tuple[str, ...]]) -> np.ndarray:
            return self.model.logits([(one,) if isinstance(one, str) else tuple(one) for one in inputs])

    attack, logger, found = DeepWordBugGao2018.build(Wrapped()), CSVLogger(str(file), style), []
    for text in texts:
        label = int(Wrapped.model.logits([text])[0].argmax())
        named = text[0] if len(text) == 1 else OrderedDict(zip(("premise", "hypothesis"), text, strict=True))
        result = attack.attack(named, label)
        answer = result.perturbed_result.attacked_text.tokenizer_input
        found.append((text, (answer,) if isinstance(answer, str) else tuple(answer), label))
        logger.log_attack_result(result)
    logger.flush()
    return found


@pytest.mark.parametrize("style", ["file", "html", None])
@pytest.mark.parametrize("pair", [False, True])
def test_log_of_textattack_is_read_as_it_was_meant(tmp_path: Path, style: str | None, pair: bool) -> None:
    texts: list[Text] = [(review(n, n % 2), f"In short: {review(n, n % 2)}")[: 1 + pair] for n in range(6)]
    file = tmp_path / "log.csv"
    made = _attacked(texts, file, style)
    assert any(original != perturbed for original, perturbed, _ in made)
    read = read_pairs(file.name, file.read_bytes(), make_task(pair=pair))
    assert [(one.original, one.perturbed, one.label) for one in read] == made
