"""Our DeepWordBug against TextAttack's own, on a tiny random model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import transformers
from textattack.attack_recipes import DeepWordBugGao2018
from textattack.models.wrappers import HuggingFaceModelWrapper

from bsm_core.classifiers.predict import TrainedClassifier
from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import AttackOutcome, PerturbationRecipe
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.limits import AttackLimits
from bsm_core.perturb.randomness import seeded
from tests.attacks import example, open_context
from tests.records import review

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:textattack")]

_LENGTH = 64
_TEXTS = [review(number, number % 2) for number in range(24)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers whose word pieces are letters, with weights wide enough to have opinions."""
    folder = tmp_path_factory.mktemp("model")
    letters = [chr(code) for code in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(pieces), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(str(vocabulary), do_lower_case=False, model_max_length=_LENGTH)
    config = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=_LENGTH,
        initializer_range=0.3,
        num_labels=2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        model = transformers.BertForSequenceClassification(config).eval()
    _balance(model, tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _balance(model: transformers.PreTrainedModel, tokenizer: transformers.PreTrainedTokenizerFast) -> None:
    """Moves the bias so that some texts get each label, near enough for some attacks to succeed."""
    with torch.inference_mode():
        logits = model(**tokenizer(_TEXTS, padding=True, truncation=True, return_tensors="pt")).logits
        model.classifier.bias[0] += (logits[:, 1] - logits[:, 0]).quantile(0.1)


def _vanilla(folder: Path, examples: list[Example], seed: int) -> list[tuple[object, ...]]:
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    attack = DeepWordBugGao2018.build(HuggingFaceModelWrapper(model, tokenizer))
    found: list[tuple[object, ...]] = []
    for item in examples:
        with seeded(seed, item.example_id):
            result = attack.attack(item.text[0], item.label)
        found.append((result.perturbed_result.attacked_text.text, result.num_queries, result.perturbed_result.output))
    return found


@pytest.mark.parametrize("concurrency", [1, 7, 64])
def test_texts_and_query_counts_equal_those_of_textattack(folder: Path, tmp_path: Path, concurrency: int) -> None:
    classifier = TrainedClassifier(folder, "cpu", max_length=_LENGTH)
    labels = classifier.logits([(text,) for text in _TEXTS]).argmax(axis=1).tolist()
    labels[0] = 1 - labels[0]  # one that is skipped
    examples = [example(text, label=label) for text, label in zip(_TEXTS, labels, strict=True)]
    assert set(labels) == {0, 1}

    with open_context(tmp_path / "job") as context:
        perturber = TextAttackPerturber(AttackLimits(concurrency=concurrency))
        attack = perturber.perturb(classifier, examples, PerturbationRecipe.DEEPWORDBUG, 3, "set", context)
        ours = list(attack)
    outcomes = {row.outcome for row in ours}
    assert outcomes == {AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED, AttackOutcome.SKIPPED}
    predicted = [max(range(2), key=row.perturbed_probabilities.__getitem__) for row in ours]
    facts = [(row.perturbed_text[0], row.queries, label) for row, label in zip(ours, predicted, strict=True)]
    assert facts == _vanilla(folder, examples, 3)
