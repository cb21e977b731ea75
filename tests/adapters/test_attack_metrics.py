"""Our attack statistics against TextAttack's own metric classes, over the same real results."""

from __future__ import annotations

from typing import Any

import pytest

from bsm_core.domain.tasks import Example
from bsm_core.domain.unknowns import AttackOutcome
from bsm_core.metrics.attack import attack_statistics
from tests.attacks import WordClassifier, example, open_context
from tests.records import review

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:textattack")]

_TEXTS = [*(review(number, number % 2) for number in range(23)), "-- !!"]
"""The last one has no words."""

Results = list[tuple[Example, Any]]
"""With TextAttack's AttackResult."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """DeepWordBug on every text, of which every fifth is wrong before; and a success that changed no word."""
    from bsm_core.perturb.randomness import seeded
    from bsm_core.perturb.recipes import DeepWordBugGao2018
    from bsm_core.perturb.records import SuccessfulAttackResult
    from bsm_core.perturb.wrapper import ClassifierWrapper

    model = WordClassifier()
    found: Results = []
    with open_context(tmp_path_factory.mktemp("job") / "job") as context:
        attack = DeepWordBugGao2018.build(ClassifierWrapper(model, context))
        for number, text in enumerate(_TEXTS):
            said = int(model.logits([(text,)])[0].argmax())
            item = example(text, label=1 - said if number % 5 == 0 else said)
            with seeded(3, item.example_id):
                found.append((item, attack.attack(text, item.label)))
    item, result = next(pair for pair in found if isinstance(pair[1], SuccessfulAttackResult))
    return [*found, (item, SuccessfulAttackResult(result.original_result, result.original_result))]


def test_statistics_are_those_of_textattacks_metric_classes(results: Results) -> None:
    from textattack.metrics.attack_metrics import AttackQueries, AttackSuccessRate, WordsPerturbed

    from bsm_core.perturb.records import attacked

    rows = [attacked(item, "set", result, 0.1) for item, result in results]
    assert {row.outcome for row in rows} == set(AttackOutcome) - {AttackOutcome.ERROR}
    assert min(row.words_total for row in rows) == 0
    assert (rows[-1].outcome, rows[-1].words_changed) == (AttackOutcome.SUCCESSFUL, 0)
    ours = attack_statistics(rows)
    theirs: dict[str, Any] = {}
    for metric in (AttackSuccessRate(), WordsPerturbed(), AttackQueries()):
        theirs |= metric.calculate([result for _, result in results])
    names = ("successful_attacks", "failed_attacks", "skipped_attacks")
    assert [ours.successful, ours.failed, ours.skipped] == [theirs[name] for name in names]
    for value, name in (
        (100 * (ours.original_accuracy or 0), "original_accuracy"),
        (100 * (ours.accuracy_under_attack or 0), "attack_accuracy_perc"),
        (100 * (ours.success_rate or 0), "attack_success_rate"),
        (100 * (ours.perturbed_words or 0), "avg_word_perturbed_perc"),
        (ours.words_per_input or 0, "avg_word_perturbed"),  # TextAttack's name for it
        (ours.queries or 0, "avg_num_queries"),
    ):
        assert round(value, 2) == theirs[name] > 0, name
