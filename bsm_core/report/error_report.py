"""The corpus of hypotheses as a readable report of errors: by blind spot, each with texts that fail and samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from bsm_core.domain.blind_spots import Spot, current
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, SampleState
from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import NotFoundError
from bsm_core.legible import visible
from bsm_core.metrics.pretest import pretest_sentence
from bsm_core.ports import SampleFilter, Store
from bsm_core.report.diff_pieces import Piece, pieces
from bsm_core.report.ledger import effect_told
from bsm_core.report.markdown import escaped
from bsm_core.report.names import AGENTS
from bsm_core.report.page import render
from bsm_core.workflow import ledger
from bsm_core.workflow.ledger import LedgerEntry

UNKNOWNS, SAMPLES = 3, 3
"""Example texts and samples shown with each hypothesis."""
NO_SPOT = "In no blind spot"
_MARKS = {"removed": "~~", "added": "**"}


@dataclass(frozen=True, slots=True)
class Told:
    """One hypothesis with its examples. ``unknowns`` of ``unknown_total``; ``samples`` of its approved ones first."""

    entry: LedgerEntry
    unknowns: tuple[UnknownUnknown, ...]
    unknown_total: int
    samples: tuple[SampleState, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A blind spot with the hypotheses that rest on its texts: each stands where most of its texts are."""

    name: str
    about: str
    told: tuple[Told, ...]


def chapters(store: Store, study: Study) -> list[Chapter]:
    """Largest blind spots first; what rests on none comes last. One chapter where nothing was clustered."""
    baseline = store.models.baseline(study.study_id)
    if baseline is None:
        return []
    entries = ledger.entries(store, study.study_id, baseline.model_id)
    spots = _spots(store, baseline.model_id)
    by_spot: dict[str | None, list[Told]] = {}
    parents = {one: entry for entry in entries for one in entry.version_ids}
    for entry in entries:
        parent = parents.get(entry.hypothesis.parent_hypothesis_id or "")
        ids = entry.hypothesis.source_item_ids or (parent.hypothesis.source_item_ids if parent else ())
        spot = _home(spots, ids)
        unknowns = tuple(islice(_known(store, baseline.model_id, ids), UNKNOWNS))
        told = Told(entry, unknowns, len(ids), _samples(store, study, entry))
        by_spot.setdefault(spot.spot_id if spot else None, []).append(told)
    found = [
        Chapter(visible(spot.name, 200), _about(spot), tuple(by_spot[spot.spot_id]))
        for spot in spots
        if spot.spot_id in by_spot
    ]
    if None in by_spot:
        name = NO_SPOT if spots else "All hypotheses"
        why = "" if spots else "The unknown unknowns have not been clustered into blind spots yet."
        found.append(Chapter(name, why, tuple(by_spot[None])))
    return found


def error_markdown(study: Study, found: Sequence[Chapter]) -> str:
    """What people and models wrote is escaped."""
    total = sum(len(chapter.told) for chapter in found)
    parts = [
        f"# Why the classifier fails: {escaped(study.name)}",
        "",
        f"{total:,} hypotheses about unknown unknowns: wrong answers with a confidence of {study.tau:g} or more. With "
        f"each at most {UNKNOWNS} of the texts it rests on (~~struck out~~: original, **bold**: perturbed) and "
        f"{SAMPLES} samples. All texts are of validation.",
        "",
    ]
    for chapter in found:
        parts += [f"## {escaped(chapter.name)}", "", *([chapter.about, ""] if chapter.about else [])]
        for told in chapter.told:
            parts += _markdown(told, study.task.label_names)
    return "\n".join(parts)


def error_html(study: Study, found: Sequence[Chapter]) -> str:
    """The same as one page that needs nothing beside it."""
    return render(
        "hypotheses.html",
        title=f"Why the classifier fails: {visible(study.name, 200)}",
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        tau=f"{study.tau:g}",
        total=sum(len(chapter.told) for chapter in found),
        unknowns_each=UNKNOWNS,
        samples_each=SAMPLES,
        fields=[visible(name, 60) for name in study.task.text_fields],
        chapters=[
            {
                "name": chapter.name,
                "about": chapter.about,
                "told": [_values(told, study.task.label_names) for told in chapter.told],
            }
            for chapter in found
        ],
    )


def _values(told: Told, labels: Sequence[str]) -> dict[str, object]:
    entry = told.entry
    return {
        "heading": f"{entry.number} {entry.hypothesis.kind.capitalize()}, by {AGENTS[entry.hypothesis.agent]}",
        "text": visible(entry.hypothesis.text, 4_000),
        "reasoning": visible(entry.hypothesis.reasoning, 4_000),
        "facts": _facts(told),
        "unknown_total": told.unknown_total,
        "unknowns": [
            {"said": _said(one, labels), "sides": pieces(one.original_text, one.perturbed_text)}
            for one in told.unknowns
        ],
        "samples": [
            {
                "said": f"{state.status.capitalize()}, {visible(labels[state.sample.label], 60)}",
                "sides": [[Piece("kept", visible(side, 2_000))] for side in state.sample.text],
            }
            for state in told.samples
        ],
    }


def _facts(told: Told) -> list[str]:
    entry, tally = told.entry, told.entry.samples
    facts = [f"{tally.total:,} samples: {tally.approved:,} approved, {tally.rejected:,} rejected"]
    if found := entry.pretest:
        said = pretest_sentence(found.failed, found.size, found.control_failed, found.control_size)
        facts.append(f"Pre-test: {said} {found.verdict}")
    if entry.word:
        facts.append(f"Overruled by {visible(entry.word.reviewer, 80)}: {visible(entry.word.reason, 600)}")
    if entry.effects:
        facts.append(f"Its own natural unknown unknowns, right after retraining: {effect_told(entry.effects)}")
    return facts


def _said(one: UnknownUnknown, labels: Sequence[str]) -> str:
    label, predicted = (visible(labels[at], 60) for at in (one.label, one.predicted))
    how = f", {visible(one.recipe, 60)}" if one.recipe else ""
    return f"{one.origin.capitalize()}{how}: label {label}, the model says {predicted} ({one.confidence:.0%} sure)"


def _markdown(told: Told, labels: Sequence[str]) -> list[str]:
    entry = told.entry
    lines = [
        f"### {entry.number} {entry.hypothesis.kind}, by {AGENTS[entry.hypothesis.agent]}",
        "",
        escaped(entry.hypothesis.text),
        "",
    ]
    if entry.hypothesis.reasoning:
        lines += [f"Why: {escaped(entry.hypothesis.reasoning)}", ""]
    lines += [f"- {escaped(fact)}" for fact in _facts(told)]
    lines += [
        "",
        f"It rests on {told.unknown_total:,} unknown unknowns" + (", of which:" if told.unknowns else "."),
        "",
    ]
    for one in told.unknowns:
        lines.append(f"- {escaped(_said(one, labels))}: {_marked(one.original_text, one.perturbed_text)}")
    if told.samples:
        lines += ["", "Samples:", ""]
    for state in told.samples:
        text = " / ".join(escaped(side) for side in state.sample.text)
        lines.append(f"- {state.status}, {escaped(labels[state.sample.label])}: {text}")
    return [*lines, ""]


def _marked(original: Text, perturbed: Text | None) -> str:
    sides = []
    for side in pieces(original, perturbed):
        told = []
        for piece in side:
            text = escaped(piece.text)
            mark = _MARKS.get(piece.kind, "")
            told.append(f"[… {text} …]" if piece.kind == "folded" else f"{mark}{text}{mark}" if text else "")
        sides.append(" ".join(filter(None, told)))
    return " / ".join(sides)


def _known(store: Store, model_id: str, item_ids: Sequence[str]) -> Iterator[UnknownUnknown]:
    """Without texts that the model gets right: a hypothesis may come from elsewhere, or the model be a newer one."""
    for item_id in item_ids:
        try:
            found = store.unknowns.get(model_id, item_id)
        except NotFoundError:
            continue
        yield found


def _spots(store: Store, model_id: str) -> list[Spot]:
    last = store.blind_spots.latest(model_id)
    if last is None:
        return []
    name = last.clustering_id
    return sorted(
        current(store.blind_spots.spots(name), store.blind_spots.changes(name)),
        key=lambda spot: (-spot.size, spot.spot_id),
    )


def _home(spots: Sequence[Spot], item_ids: Sequence[str]) -> Spot | None:
    """The spot that has most of the texts; None where none has any."""
    shared = [(len(set(spot.item_ids) & set(item_ids)), spot) for spot in spots]
    most, best = max(shared, key=lambda pair: pair[0], default=(0, None))
    return best if most else None


def _about(spot: Spot) -> str:
    return (
        f"{spot.size:,} unknown unknowns. Of the validation texts around them {spot.wrong_share:.0%} are wrong "
        f"({spot.wrong_low:.0%} to {spot.wrong_high:.0%})."
    )


def _samples(store: Store, study: Study, entry: LedgerEntry) -> tuple[SampleState, ...]:
    """Approved ones first."""
    every = SampleFilter(hypothesis_ids=entry.version_ids)
    kept = SampleFilter(hypothesis_ids=entry.version_ids, status=DecisionKind.APPROVED)
    rows = store.samples.page(study.study_id, kept, limit=SAMPLES).rows
    known = {state.sample.sample_id for state in rows}
    others = store.samples.page(study.study_id, every, limit=2 * SAMPLES).rows if len(rows) < SAMPLES else []
    return tuple([*rows, *(state for state in others if state.sample.sample_id not in known)][:SAMPLES])
