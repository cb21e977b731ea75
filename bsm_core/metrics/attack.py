"""How an attack went: the figures of the paper's tables 4 to 7.

Definitions are TextAttack's (``textattack.metrics.attack_metrics``: AttackSuccessRate, WordsPerturbed, AttackQueries),
unrounded, as shares instead of percentages, and None where TextAttack would divide by zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from bsm_core.domain.attacks import AttackTally
from bsm_core.domain.unknowns import AttackOutcome, Perturbation


@dataclass(frozen=True, slots=True)
class AttackStatistics:
    """Counts are of texts; accuracies, rates and shares are in [0, 1]. A figure over no texts is None.

    Texts with outcome ERROR are counted in ``errors``, ``total_queries`` and ``seconds`` and in nothing else.
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
    """Share of a text's words that were changed, averaged over the successful perturbations that changed any."""
    words_per_input: float | None
    """Words of a text, averaged over all."""
    queries: float | None
    """Calls of the model for a text, averaged over the attacked texts."""
    total_queries: int
    """All texts together, also those skipped or broken."""
    seconds: float
    """All texts together."""

    @property
    def attacked(self) -> int:
        return self.successful + self.failed

    @property
    def size(self) -> int:
        """Texts with an outcome other than ERROR."""
        return self.successful + self.failed + self.skipped


def attack_statistics(perturbations: Iterable[Perturbation]) -> AttackStatistics:
    """Of one attack run; of no perturbations all counts are 0 and all averages None."""
    return statistics_of(tally(perturbations))


def tally(perturbations: Iterable[Perturbation]) -> AttackTally:
    """The counts and sums; the store's query ``tallies`` adds up the same ones."""
    return reduce(AttackTally.__add__, map(_tally_of_one, perturbations), AttackTally())


def statistics_of(counted: AttackTally) -> AttackStatistics:
    attacked = counted.successful + counted.failed
    size = attacked + counted.skipped
    return AttackStatistics(
        successful=counted.successful,
        failed=counted.failed,
        skipped=counted.skipped,
        errors=counted.errors,
        original_accuracy=_share(attacked, size),
        accuracy_under_attack=_share(counted.failed, size),
        success_rate=_share(counted.successful, attacked),
        perturbed_words=_share(counted.changed_shares, counted.changed_texts),
        words_per_input=_share(counted.words, size),
        queries=_share(counted.queries, attacked),
        total_queries=counted.all_queries,
        seconds=counted.seconds,
    )


def _tally_of_one(item: Perturbation) -> AttackTally:
    is_successful, is_failed = item.outcome is AttackOutcome.SUCCESSFUL, item.outcome is AttackOutcome.FAILED
    is_error = item.outcome is AttackOutcome.ERROR
    is_changed = is_successful and item.words_changed > 0 and item.words_total > 0
    return AttackTally(
        successful=int(is_successful),
        failed=int(is_failed),
        skipped=int(item.outcome is AttackOutcome.SKIPPED),
        errors=int(is_error),
        words=0 if is_error else item.words_total,
        changed_texts=int(is_changed),
        changed_shares=item.words_changed / item.words_total if is_changed else 0.0,
        queries=item.queries if is_successful or is_failed else 0,
        all_queries=item.queries,
        seconds=item.seconds,
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
