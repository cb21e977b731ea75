"""How an attack went: the figures of the paper's tables 4 to 7, by TextAttack's definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bsm_core.domain.unknowns import AttackOutcome, Perturbation


@dataclass(frozen=True, slots=True)
class AttackStatistics:
    """Counts are of texts; accuracies, rates and shares are in [0, 1]. A figure over no texts is None.

    Texts with outcome ERROR are counted in ``errors`` and ``seconds`` and in nothing else: what the model would have
    done with them under attack is not known.
    """

    successful: int
    failed: int
    skipped: int
    errors: int
    original_accuracy: float | None
    """Before the attack: successful and failed over all (skipped texts were wrong already)."""
    accuracy_under_attack: float | None
    """After the attack: failed over all."""
    success_rate: float | None
    """Successful over attacked (successful and failed)."""
    perturbed_words: float | None
    """Share of a text's words that were changed, averaged over the successful perturbations of texts with words."""
    words_per_input: float | None
    """Words of a text, averaged over all."""
    queries: float | None
    """Calls of the model for a text, averaged over the attacked texts."""
    seconds: float
    """All texts together."""

    @property
    def attacked(self) -> int:
        return self.successful + self.failed

    @property
    def size(self) -> int:
        """Texts with an outcome other than ERROR."""
        return self.successful + self.failed + self.skipped


def attack_statistics(perturbations: Sequence[Perturbation]) -> AttackStatistics:
    """Of one attack run; of no perturbations all counts are 0 and all averages None."""
    counts = Counter(item.outcome for item in perturbations)
    successful, failed = counts[AttackOutcome.SUCCESSFUL], counts[AttackOutcome.FAILED]
    attacked, size = successful + failed, successful + failed + counts[AttackOutcome.SKIPPED]
    done = [item for item in perturbations if item.outcome is not AttackOutcome.ERROR]
    changed = [item for item in done if item.outcome is AttackOutcome.SUCCESSFUL and item.words_total > 0]
    return AttackStatistics(
        successful=successful,
        failed=failed,
        skipped=counts[AttackOutcome.SKIPPED],
        errors=counts[AttackOutcome.ERROR],
        original_accuracy=_share(attacked, size),
        accuracy_under_attack=_share(failed, size),
        success_rate=_share(successful, attacked),
        perturbed_words=_mean(item.words_changed / item.words_total for item in changed),
        words_per_input=_mean(item.words_total for item in done),
        queries=_mean(item.queries for item in done if item.outcome is not AttackOutcome.SKIPPED),
        seconds=sum(item.seconds for item in perturbations),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None
