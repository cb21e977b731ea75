"""Which hypothesis came from which, and what became of its samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bsm_core.domain.hypotheses import Hypothesis, HypothesisKind
from bsm_core.domain.synthesis import DecisionKind


@dataclass(frozen=True, slots=True)
class SampleTally:
    """How many current samples rest on a hypothesis, by the decision on them."""

    approved: int = 0
    rejected: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        return self.approved + self.rejected + self.pending


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A current hypothesis with its earlier versions (newest first) and what was extrapolated from it.

    ``number`` is its short name on the pages: A2 for the second abstraction, A2.1 for the first extrapolation from it.
    """

    number: str
    hypothesis: Hypothesis
    history: tuple[Hypothesis, ...]
    samples: SampleTally
    children: tuple[LineageNode, ...]


def lineage(
    hypotheses: Sequence[Hypothesis],
    histories: Mapping[str, Sequence[Hypothesis]],
    decided: Iterable[tuple[str, DecisionKind]],
) -> list[LineageNode]:
    """The tree of current hypotheses, in the order their first versions were made.

    ``histories`` maps a current id to its earlier versions, newest first; ``decided`` has (hypothesis id, decision)
    for every current sample. Samples and extrapolations that name an earlier version count for the current one.
    An extrapolation whose abstraction is not among ``hypotheses`` stands alone as E1, E2, ...
    """
    current = {old.hypothesis_id: new for new, past in histories.items() for old in past}
    current.update({hypothesis.hypothesis_id: hypothesis.hypothesis_id for hypothesis in hypotheses})
    tallies = _tallies(decided, current)
    ordered = sorted(hypotheses, key=lambda one: _first_version(one, histories).created_at)
    children: dict[str | None, list[Hypothesis]] = {}
    for hypothesis in ordered:
        parent = None
        if hypothesis.kind is HypothesisKind.EXTRAPOLATION and hypothesis.parent_hypothesis_id:
            parent = current.get(hypothesis.parent_hypothesis_id)
        children.setdefault(parent, []).append(hypothesis)

    def node(hypothesis: Hypothesis, number: str) -> LineageNode:
        own = hypothesis.hypothesis_id
        below = tuple(node(child, f"{number}.{n}") for n, child in enumerate(children.get(own, []), 1))
        return LineageNode(number, hypothesis, tuple(histories.get(own, ())), tallies.get(own, SampleTally()), below)

    counters = dict.fromkeys(HypothesisKind, 0)
    roots = []
    for hypothesis in children.get(None, []):
        counters[hypothesis.kind] += 1
        roots.append(node(hypothesis, f"{hypothesis.kind.value[0].upper()}{counters[hypothesis.kind]}"))
    return roots


def flatten(nodes: Iterable[LineageNode]) -> list[LineageNode]:
    """The tree in reading order."""
    return [found for node in nodes for found in (node, *flatten(node.children))]


def _first_version(hypothesis: Hypothesis, histories: Mapping[str, Sequence[Hypothesis]]) -> Hypothesis:
    past = histories.get(hypothesis.hypothesis_id, ())
    return past[-1] if past else hypothesis


def _tallies(decided: Iterable[tuple[str, DecisionKind]], current: Mapping[str, str]) -> dict[str, SampleTally]:
    counts: dict[str, dict[DecisionKind, int]] = {}
    for hypothesis_id, kind in decided:
        of = counts.setdefault(current.get(hypothesis_id, hypothesis_id), dict.fromkeys(DecisionKind, 0))
        of[kind] += 1
    return {
        key: SampleTally(of[DecisionKind.APPROVED], of[DecisionKind.REJECTED], of[DecisionKind.PENDING])
        for key, of in counts.items()
    }
