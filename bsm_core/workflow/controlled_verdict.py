"""What a controlled check says of the workbench, in words: was anything planted, was it found, and was it removed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bsm_core.domain.controlled import CONTROLS, ControlledResult, Count, Row
from bsm_core.metrics.multiplicity import holm

ALPHA = 0.05

ENOUGH = 0.8
"""Share of the planted blind spots that clusters must show to say that they are found."""


class Answer(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"
    """Nothing could be found or removed, since nothing was planted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``planted``: do the planted variants make confident mistakes that R does not? ``found``: do clusters of UUs show
    them? ``removed``: do golden samples leave fewer of them than both controls at the same budget?"""

    planted: Answer
    found: Answer
    removed: Answer
    spots: Count
    fewer: Answer = Answer.UNKNOWN
    """Are fewer left than before golden samples, whatever the controls do?"""

    @property
    def is_passed(self) -> bool:
        return (self.planted, self.found, self.removed) == (Answer.YES,) * 3

    @property
    def text(self) -> str:
        if self.planted is Answer.NO:
            return (
                "Nothing to judge: the planted variants make no more confident mistakes than R, so nothing was "
                "planted that could be found. More seeds or more texts may show it."
            )
        planted = {
            Answer.YES: "Every planted variant is blind where it was made blind. ",
            Answer.PARTLY: "Not every planted variant can be told from the control R. ",
        }.get(self.planted, "")
        spots = f"{self.spots.count} of {self.spots.size} planted blind spots"
        found = {
            Answer.YES: f"The workbench finds them: clusters of unknown unknowns show {spots}. ",
            Answer.PARTLY: f"It finds some: clusters of unknown unknowns show {spots}. ",
        }.get(self.found, f"It does not find them: clusters of unknown unknowns show {spots}. ")
        removed = {
            Answer.YES: "Golden samples remove more of them than either control at the same budget.",
            Answer.PARTLY: "Golden samples remove more of them than a control at the same budget, but not everywhere.",
        }.get(self.removed, "That golden samples remove more than the controls cannot be told at this size.")
        fewer = {
            Answer.YES: " Fewer are left than before.",
            Answer.PARTLY: " Fewer are left than before in some variants only.",
            Answer.NO: " But no fewer can be told to be left than before: training on, by itself, adds as many.",
        }.get(self.fewer, "")
        return planted + found + removed + fewer


def verdict(result: ControlledResult) -> Verdict:
    rows = [row for row in result.rows if row.variant.plants]
    blind = [row.planted.low is not None and row.planted.low > 0 for row in rows]
    spots = Count(sum(row.spots.count for row in rows), sum(row.spots.size for row in rows))
    planted = _of(blind)
    if planted in (Answer.NO, Answer.UNKNOWN):
        return Verdict(planted, Answer.UNKNOWN, Answer.UNKNOWN, spots)
    share = spots.share or 0.0
    found = Answer.YES if share >= ENOUGH else Answer.PARTLY if spots.count else Answer.NO
    fewer = _of([(row.removals[0].of_before.low or 0.0) > 0 for row in rows])
    return Verdict(planted, found, _of(removals(rows)), spots, fewer)


def removals(rows: Sequence[Row]) -> list[bool]:
    """For each planted variant and control: whether golden samples leave fewer, told from chance over all of them."""
    tests = [(row.removals[0], place) for row in rows for place in range(len(CONTROLS))]
    adjusted = holm([one.p[place] for one, place in tests])
    return [
        p <= ALPHA and (one.of_controls[place].share or 0.0) > 0
        for (one, place), p in zip(tests, adjusted, strict=True)
    ]


def _of(answers: Sequence[bool]) -> Answer:
    if not answers:
        return Answer.UNKNOWN
    return Answer.YES if all(answers) else Answer.PARTLY if any(answers) else Answer.NO
