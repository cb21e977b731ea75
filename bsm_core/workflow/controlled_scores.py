"""What a controlled check comes to: what was found of what was planted, and how much of it went away. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from bsm_core.domain.blind_spots import Spot
from bsm_core.domain.controlled import (
    CONTROLS,
    Cell,
    CellResult,
    Change,
    Count,
    Discovery,
    FoundSpot,
    Mistakes,
    Removal,
    Row,
    SpotKind,
    Treatment,
    Variant,
)
from bsm_core.metrics.controlled import (
    BoolArray,
    at_least,
    paired_chance,
    removed,
    removed_of_planted,
    share_difference,
    totals,
)
from bsm_core.metrics.multiplicity import holm
from bsm_core.ports import LabelledText
from bsm_core.workflow.controlled_planting import is_of_kind, words_in

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Answers:
    """One cell on the test texts, each array (n,): which are of either kind under its seed, which are UUs of the
    spoiled model, and which of each treated one."""

    cell: Cell
    of_kind: Mapping[SpotKind, BoolArray]
    before: BoolArray
    after: Mapping[Treatment, BoolArray]


def members(rows: Sequence[LabelledText], planted: Mapping[SpotKind, Sequence[str]]) -> dict[SpotKind, BoolArray]:
    """(n,) a kind: which rows lie in its planted blind spot."""
    found = {}
    for kind in SpotKind:
        terms = set(planted[kind])
        found[kind] = np.array([is_of_kind(row, kind, terms) for row in rows], dtype=np.bool_)
    return found


def mistakes(right: BoolArray, uus: BoolArray, of_kind: Mapping[SpotKind, BoolArray]) -> Mistakes:
    rest = ~np.logical_or.reduce([of_kind[kind] for kind in SpotKind])
    praise, blame, other = (
        Count(int(uus[mask].sum()), int(mask.sum())) for mask in (of_kind[SpotKind.P], of_kind[SpotKind.N], rest)
    )
    return Mistakes(Count(int(right.sum()), len(right)), praise, blame, other)


def discoveries(
    cell: Cell,
    validation: Sequence[LabelledText],
    uus: Sequence[int],
    planted: Mapping[SpotKind, Sequence[str]],
    spots: Sequence[Spot],
    places: Mapping[str, int],
) -> tuple[Discovery, ...]:
    """``uus`` are places in ``validation``, and ``spots`` their clusters; ``places`` leads from item ids to them."""
    of_kind = members(validation, planted)
    tested = _tested(validation, of_kind, spots, places)
    found = []
    for kind in SpotKind:
        inside = np.flatnonzero(of_kind[kind]).tolist()
        exposed = set(planted[kind]) & _words(validation, inside)
        shown = exposed & _words(validation, [at for at in uus if of_kind[kind][at]])
        mine = sorted((one for one in tested if one.kind is kind and one.is_found), key=lambda one: one.p)
        found.append(
            Discovery(
                kind=kind,
                uus=Count(sum(bool(of_kind[kind][at]) for at in uus), len(uus)),
                texts=Count(len(inside), len(validation)),
                found=tuple(sorted(shown)),
                missed=tuple(sorted(exposed - shown)),
                spots=tuple(mine),
                is_planted=kind in cell.variant.plants,
            )
        )
    return tuple(found)


def _words(rows: Sequence[LabelledText], places: Sequence[int]) -> set[str]:
    return {word for at in places for word in words_in(rows[at])}


def _tested(
    validation: Sequence[LabelledText],
    of_kind: Mapping[SpotKind, BoolArray],
    spots: Sequence[Spot],
    places: Mapping[str, int],
) -> list[FoundSpot]:
    """Every cluster against either kind: are more of its members of the kind than of validation texts with that label?
    Within the label, since UUs of one label lie together whatever was planted."""
    labels = np.array([row.label for row in validation])
    untested = []
    for kind in SpotKind:
        alike = labels == kind.label
        base = float(of_kind[kind][alike].mean()) if alike.any() else 0.0
        for spot in spots:
            own = np.array([places[item] for item in spot.item_ids], dtype=np.int64)
            own = own[alike[own]]
            count = Count(int(of_kind[kind][own].sum()), len(own))
            chance = at_least(count.count, count.size, base)
            untested.append(FoundSpot(spot.name, spot.size, kind, count, base * len(own), chance, False))
    adjusted = holm([one.p for one in untested])
    return [replace(one, p=p, is_found=p <= ALPHA) for one, p in zip(untested, adjusted, strict=True)]


def table(results: Sequence[CellResult], answers: Sequence[Answers]) -> tuple[Row, ...]:
    """Table 3: a row for each variant of the results, over its seeds. All variants, R among them, have the same."""
    by_cell = {one.cell: one for one in answers}
    present = dict.fromkeys(one.cell.variant for one in results)
    return tuple(
        _row(variant, [one for one in results if one.cell.variant is variant], by_cell)
        for variant in Variant
        if variant in present
    )


def _row(variant: Variant, results: Sequence[CellResult], answers: Mapping[Cell, Answers]) -> Row:
    cell = results[0].cell
    kinds = cell.repaired
    told = [one.discovery(kind) for one in results for kind in kinds]
    mine = [answers[one.cell] for one in results]
    control = [answers[Cell(Variant.R, one.cell.seed)] for one in results]
    removals = []
    planted = Change(None, None, None)
    if variant.plants:
        removals = [_removal(kind, (kind,), mine, control) for kind in kinds if len(kinds) > 1]
        removals.insert(0, _removal(None, kinds, mine, control))
        mask = _mask(mine, kinds)
        figures = totals([_stacked([one.before for one in some]) & mask for some in (mine, control)] + [mask])
        planted = share_difference(figures[:, 0], figures[:, 1], figures[:, 2])
    return Row(
        variant=variant,
        before=_sum([one.before for one in results]),
        after=tuple(
            (treatment, _sum([one.after[place] for one in results])) for place, treatment in enumerate(cell.treatments)
        ),
        recall=reduce(add, (one.recall for one in told)),
        precision=Count(sum(one.uus.count for one in told), sum(one.discoveries[0].uus.size for one in results)),
        spots=Count(sum(bool(one.spots) for one in told), len(told)),
        planted=planted,
        removals=tuple(removals),
    )


def _removal(
    kind: SpotKind | None, kinds: Sequence[SpotKind], mine: Sequence[Answers], control: Sequence[Answers]
) -> Removal:
    mask = _mask(mine, kinds)
    before, reference = (_stacked([one.before for one in some]) & mask for some in (mine, control))
    golden, *others = (
        _stacked([one.after[treatment] for one in mine]) & mask for treatment in (Treatment.GOLDEN, *CONTROLS)
    )
    figures = totals([before, reference, golden, *others])
    return Removal(
        kind=kind,
        of_before=removed(figures[:, 0], figures[:, 2]),
        of_controls=tuple(removed(figures[:, 3 + place], figures[:, 2]) for place in range(len(others))),
        of_planted=removed_of_planted(figures[:, 0], figures[:, 2], figures[:, 1]),
        p=tuple(paired_chance(golden, other) for other in others),
    )


def _mask(answers: Sequence[Answers], kinds: Sequence[SpotKind]) -> BoolArray:
    return _stacked([np.logical_or.reduce([one.of_kind[kind] for kind in kinds]) for one in answers])


def _stacked(arrays: Sequence[BoolArray]) -> BoolArray:
    return np.stack(arrays)


def _sum(counted: Sequence[Mistakes]) -> Mistakes:
    return reduce(add, counted)
