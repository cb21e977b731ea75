"""What the figures allow to be said, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bsm_core.domain.arms import Arm
from bsm_core.metrics.bootstrap import Range
from bsm_core.metrics.effects import Effect
from bsm_core.metrics.power import ALPHA

MOST_TEXTS = 1_000_000
"""More than that is no plan."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Did it help? ``resolved`` is whether any arm differs from the reference by more than chance."""

    short: str
    long: str
    resolved: bool


def answer(found: Sequence[Effect], name: Callable[[Arm], str], what: str, reference: str) -> Answer:
    """Over all arms, on one endpoint; ``what`` is counted, and fewer are better."""
    if not found:
        return Answer("Nothing to compare", "No arm and the one compared with have answered the same texts.", False)
    better = [name(one.arm) for one in found if one.resolved and one.fewer]
    worse = [name(one.arm) for one in found if one.resolved and not one.fewer]
    open_ones = [name(one.arm) for one in found if not one.resolved]
    said = []
    if better:
        said.append(f"{_listed(better)}: fewer {what} than {reference}, by more than chance.")
    if worse:
        said.append(f"{_listed(worse)}: more {what} than {reference}, by more than chance.")
    if open_ones and (better or worse):
        said.append(f"Not resolvable at this size: {_listed(open_ones)}.")
    elif open_ones:
        said.append(f"{_listed(open_ones)}: no difference from {reference} that chance alone could not give.")
    short = "Yes, it helped" if better and not worse else "It helped some, and harmed some" if better else ""
    short = short or ("No, it harmed" if worse else "Not resolvable at this size")
    if better and any(one.arm is Arm.MORE_TRAINING and one.resolved and one.fewer for one in found):
        said.append("Merely training on did so, too: only what goes beyond it is the samples' doing.")
    return Answer(short, " ".join(said), bool(better or worse))


def verdict(effect: Effect, what: str) -> str:
    """One careful sentence on one arm, without a full stop's worth of doubt left out."""
    moved = f"{change_words(effect)} {what}" if effect.change is not None else _difference(effect, what)
    interval = effect.intervals.change
    span = f" (95% interval: {range_words(interval)})" if interval and effect.change is not None else ""
    if effect.resolved:
        return f"{moved}{span}. Chance alone would rarely do this: p {p_words(effect.adjusted)} after Holm."
    alone = (
        f" On its own its p would be {p_words(effect.p)}; with several arms looked at, one such is no surprise."
        if effect.p <= ALPHA < effect.adjusted
        else ""
    )
    told = f"Not resolvable at this size: p {p_words(effect.adjusted)} after Holm.{alone}"
    return f"{moved}{span}. {told} {needed(effect)}"


def needed(effect: Effect) -> str:
    """What would resolve an effect of the size that was seen; "" when it is resolved."""
    if effect.resolved:
        return ""
    if effect.texts_needed is None:
        return "Nothing differs, so that no number of texts would show a difference."
    texts, seeds, have = effect.texts_needed, effect.seeds_needed, len(effect.tests)
    if texts > MOST_TEXTS:
        return "An effect as small as this would take more than a million texts."
    if texts > effect.size:
        return f"About {round_up(texts):,} texts, not {effect.size:,}, would show an effect of this size 4 times in 5."
    if seeds is not None and seeds > have:
        return (
            f"The texts would do, but seeds differ too much: about {round_up(seeds):,} of them, not {have}, would show "
            "an effect of this size 4 times in 5."
        )
    return "It is close: an effect of this size would show 4 times in 5 with as many texts as there are."


def change_words(effect: Effect) -> str:
    """``19% fewer``."""
    return percent_words(effect.change) if effect.change is not None else "no change"


def percent_words(value: float) -> str:
    return "as many" if round(100 * value) == 0 else f"{abs(value):.0%} {'more' if value > 0 else 'fewer'}"


def range_words(interval: Range) -> str:
    """``30% fewer to 5% more``."""
    return f"{percent_words(interval.low)} to {percent_words(interval.high)}"


def p_words(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.2g}"


def round_up(number: int) -> int:
    """To two figures: it is a plan, no measurement."""
    step = 10 ** max(0, len(str(number)) - 2)
    return -(-number // step) * step


def _difference(effect: Effect, what: str) -> str:
    return f"{effect.difference:+.3g} {what}, where there were none"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
