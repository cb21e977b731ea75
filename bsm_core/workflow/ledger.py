"""The ledger of hypotheses: each with its sources, samples, pre-test and later effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bsm_core.domain.curation import HypothesisWord, LaterEffect, Pretest, PretestVerdict
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.lineage import LineageNode, SampleTally, flatten, lineage
from bsm_core.ports import SampleCount, Store


class LedgerOrder(StrEnum):
    TREE = "as written"
    """Each extrapolation after the abstraction it starts from."""
    FAILS = "fails the model most often"
    APPROVED = "most approved samples"
    NEWEST = "newest first"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    number: str
    hypothesis: Hypothesis
    version_ids: tuple[str, ...]
    """Of all its versions, the present one first."""
    samples: SampleTally
    pretest: Pretest | None
    word: HypothesisWord | None
    effects: tuple[LaterEffect, ...]

    @property
    def verdict(self) -> PretestVerdict | None:
        """A human's word goes before the figures."""
        if self.word is not None:
            return self.word.verdict
        return self.pretest.verdict if self.pretest else None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """None and the empty string mean "any"; ``verdict`` may be ``untested``."""

    kind: str | None = None
    agent: str | None = None
    verdict: str | None = None
    search: str = ""
    order: LedgerOrder = LedgerOrder.TREE


def tree(store: Store, study_id: str) -> list[LineageNode]:
    """All hypotheses with what became of their samples, in two queries and a count."""
    histories = store.pretests.earlier(study_id)
    nodes = lineage(store.hypotheses.all(study_id), histories, ())
    return nodes if not nodes else _counted(nodes, store.samples.tallies(study_id))


def entries(store: Store, study_id: str, model_id: str | None) -> list[LedgerEntry]:
    """In reading order. ``model_id`` is the baseline."""
    pretests, words = store.pretests.all(study_id), store.pretests.words(study_id)
    effects: dict[str, list[LaterEffect]] = {}
    for effect in store.pretests.effects(study_id, model_id) if model_id else ():
        effects.setdefault(effect.hypothesis_id, []).append(effect)
    return [_entry(node, pretests, words, effects) for node in flatten(tree(store, study_id))]


def chosen(every: Sequence[LedgerEntry], wanted: LedgerFilter) -> list[LedgerEntry]:
    """Those that fit, in the order asked for."""
    found = [one for one in every if _fits(one, wanted)]
    match wanted.order:
        case LedgerOrder.FAILS:
            return sorted(found, key=lambda one: -_share(one))
        case LedgerOrder.APPROVED:
            return sorted(found, key=lambda one: -one.samples.approved)
        case LedgerOrder.NEWEST:
            return sorted(found, key=lambda one: one.hypothesis.created_at, reverse=True)
    return found


def _fits(entry: LedgerEntry, wanted: LedgerFilter) -> bool:
    hypothesis = entry.hypothesis
    verdict = "untested" if entry.verdict is None else entry.verdict.value
    said = " ".join((hypothesis.text, hypothesis.reasoning, hypothesis.pattern or "", entry.number)).casefold()
    return (
        wanted.kind in (None, hypothesis.kind)
        and wanted.agent in (None, hypothesis.agent)
        and wanted.verdict in (None, verdict)
        and wanted.search.casefold() in said
    )


def _share(entry: LedgerEntry) -> float:
    return entry.pretest.failed / entry.pretest.size if entry.pretest else -1.0


def _entry(
    node: LineageNode,
    pretests: Mapping[str, Pretest],
    words: Mapping[str, HypothesisWord],
    effects: Mapping[str, Sequence[LaterEffect]],
) -> LedgerEntry:
    own = node.hypothesis.hypothesis_id
    ids = (own, *(old.hypothesis_id for old in node.history))
    return LedgerEntry(
        number=node.number,
        hypothesis=node.hypothesis,
        version_ids=ids,
        samples=node.samples,
        # An edited hypothesis says something else: what was found for an earlier version does not hold for it.
        pretest=pretests.get(own),
        word=words.get(own),
        effects=tuple(effects.get(own, ())),
    )


def _counted(nodes: Sequence[LineageNode], counts: Sequence[SampleCount]) -> list[LineageNode]:
    tallies: dict[str, dict[str, int]] = {}
    for one in counts:
        of = tallies.setdefault(one.hypothesis_id, {})
        of[one.status] = of.get(one.status, 0) + one.count

    def counted(node: LineageNode) -> LineageNode:
        own = [node.hypothesis.hypothesis_id, *(old.hypothesis_id for old in node.history)]
        approved, rejected, pending = (
            sum(tallies.get(name, {}).get(status, 0) for name in own) for status in ("approved", "rejected", "pending")
        )
        tally = SampleTally(approved, rejected, pending)
        return LineageNode(node.number, node.hypothesis, node.history, tally, tuple(map(counted, node.children)))

    return [counted(node) for node in nodes]
