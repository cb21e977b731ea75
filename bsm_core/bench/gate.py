"""The gates: how fast BERTScore is against ``bert_score``'s own scorer, whether it is the same, and what passes."""

from __future__ import annotations

import json
import os
import platform
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from tabulate import tabulate

from bsm_core.bench import gate_texts
from bsm_core.bench.gate_rates import pass_rates, tell_rates
from bsm_core.classifiers.layers import chosen_layer
from bsm_core.classifiers.matching import Packed, f1
from bsm_core.classifiers.package_scores import PackageScorer
from bsm_core.classifiers.similarity import SHORTLIST, BertScoreSimilarity
from bsm_core.classifiers.states import StateEncoder
from bsm_core.config import EMBEDDED_ENCODER
from bsm_core.domain.tasks import Text
from bsm_core.errors import WorkbenchError
from bsm_core.tasks.assets import asset_path

SAMPLED = (1, 25)
"""Candidates that the package scores against every reference; the full run is reckoned from the two times."""
COMPARED_PAIRS = 200
REVIEWS = 64

_SHORT = f"ours, shortlist of {SHORTLIST}"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Options:
    candidates: int = 500
    references: int = 2000
    full: int = 25_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """``processor``: seconds of processor time, over all threads."""

    way: str
    candidates: int
    references: int
    seconds: float
    processor: float
    reckoned: bool = False


@dataclass(frozen=True, slots=True)
class Equality:
    """Differences of F1 on the same pairs. ``alone``: each in the package as a batch of its own."""

    pairs: int
    alone: float
    padded: float
    shortlist_finds_best: float
    shortlist_falls_short: float


def run(options: Options, json_path: Path | None) -> None:
    """Print the figures, and write them to ``json_path``. Raises WorkbenchError for impossible sizes."""
    if options.candidates < max(SAMPLED) or options.references < 100:
        raise WorkbenchError(
            f"--candidates {options.candidates} --references {options.references} is too small to measure; use at "
            f"least {max(SAMPLED)} and 100"
        )
    load = os.getloadavg()[0]
    drawn = gate_texts.sentences(options.candidates + options.references, options.seed)
    candidates, references = drawn[: options.candidates], drawn[options.candidates :]
    timings, equality = _speed(options, candidates, references)
    _tell_speed(timings, equality)
    print(flush=True)
    rates = pass_rates(options.seed)
    tell_rates(rates)
    print(
        f"{os.cpu_count()} processors ({platform.machine()}), {os.environ.get('OMP_NUM_THREADS', 'all')} threads, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    )
    if json_path is not None:
        body = {
            "options": asdict(options),
            "timings": [asdict(one) for one in timings],
            "equality": asdict(equality),
            "rates": [asdict(row) for row in rates],
        }
        json_path.write_text(json.dumps(body, indent=2) + "\n", "utf-8")


def _speed(options: Options, candidates: Sequence[Text], references: Sequence[Text]) -> tuple[list[Timing], Equality]:
    encoder = asset_path(EMBEDDED_ENCODER)
    layer = chosen_layer(EMBEDDED_ENCODER, None) or StateEncoder(encoder).layer
    _ours("warm-up", encoder, candidates[:8], references[:32])
    print("every reference ...", flush=True)
    every, exact = _ours("ours, every reference", encoder, candidates, references, shortlist=0)
    short, listed = _ours(_SHORT, encoder, candidates, references)
    print("the package ...", flush=True)
    package = PackageScorer(encoder, layer)
    theirs = _package(package, candidates, references)
    equality = _equality(package, encoder, candidates, references, exact, listed, options.seed)
    timings = [*theirs, every, short]
    if options.full:
        print(f"{options.full:,} references ...", flush=True)
        many = _many(options.full, options.seed)
        timings.append(_ours(_SHORT, encoder, candidates, many)[0])
        timings.append(_whole_reviews(encoder, options))
    return timings, equality


def _ours(
    way: str, encoder: Path, candidates: Sequence[Text], references: Sequence[Text], shortlist: int = SHORTLIST
) -> tuple[Timing, np.ndarray]:
    """From texts to scores: reading the model, encoding all references and candidates, and matching."""

    def score() -> np.ndarray:
        layer = chosen_layer(EMBEDDED_ENCODER, None)
        return BertScoreSimilarity(encoder, references, 0, layer, shortlist=shortlist).scores(candidates)

    scores, seconds, processor = _timed(score)
    return Timing(way, len(candidates), len(references), seconds, processor), scores


def _package(package: PackageScorer, candidates: Sequence[Text], references: Sequence[Text]) -> list[Timing]:
    """Two measured runs, and the whole reckoned from them: what is there once (encoding the references), and what
    each candidate adds."""
    measured = []
    for count in SAMPLED:
        _, seconds, processor = _timed(lambda count=count: package.best(candidates[:count], references))  # type: ignore[misc]
        measured.append(Timing("bert_score", count, len(references), seconds, processor))
    few, more = measured
    whole, count = reckoned(few, more, len(candidates)), len(candidates)
    each = Timing("bert_score, a call each", count, len(references), count * few.seconds, count * few.processor, True)
    return [few, more, each, whole]


def reckoned(few: Timing, more: Timing, candidates: int) -> Timing:
    """What so many candidates take, when each one beyond ``few`` adds as much as those between ``few`` and ``more``."""
    steps = (candidates - few.candidates) / (more.candidates - few.candidates)
    seconds = few.seconds + steps * (more.seconds - few.seconds)
    processor = few.processor + steps * (more.processor - few.processor)
    return Timing(few.way, candidates, few.references, seconds, processor, reckoned=True)


def _whole_reviews(encoder: Path, options: Options) -> Timing:
    """What 25,000 whole reviews would take, reckoned from encoding a few: the rest is small beside it."""
    texts = gate_texts.reviews(REVIEWS, options.seed)
    states = StateEncoder(encoder, chosen_layer(EMBEDDED_ENCODER, None))
    _, seconds, processor = _timed(lambda: states.encode(texts))
    scale = options.full / REVIEWS
    return Timing("ours, encoding whole reviews", 0, options.full, seconds * scale, processor * scale, reckoned=True)


def _equality(
    package: PackageScorer,
    encoder: Path,
    candidates: Sequence[Text],
    references: Sequence[Text],
    exact: np.ndarray,
    listed: np.ndarray,
    seed: int,
) -> Equality:
    drawn = random.Random(f"{seed}/pairs")
    pairs = [(drawn.choice(candidates), drawn.choice(references)) for _ in range(COMPARED_PAIRS)]
    states = StateEncoder(encoder, chosen_layer(EMBEDDED_ENCODER, None))
    left, right = states.encode([one for one, _ in pairs]), states.encode([other for _, other in pairs])
    own = np.array([f1(a, Packed.of([b]))[0] for a, b in zip(left, right, strict=True)])
    return Equality(
        pairs=len(pairs),
        alone=float(np.abs(own - package.alone(pairs)).max()),
        padded=float(np.abs(own - package.padded(pairs)).max()),
        shortlist_finds_best=float((exact - listed < 1e-6).mean()),
        shortlist_falls_short=float((exact - listed).max()),
    )


def _many(count: int, seed: int) -> list[Text]:
    """A sentence of each packaged review, and movie-review sentences beyond them."""
    packaged = 24_900
    found = gate_texts.review_sentences(min(count, packaged), seed)
    return found + gate_texts.sentences(count - len(found), seed) if count > len(found) else found


def _timed(work: Callable[[], Result]) -> tuple[Result, float, float]:
    started, burnt = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - started, time.process_time() - burnt


def _tell_speed(timings: Sequence[Timing], equality: Equality) -> None:
    package = next(one for one in timings if one.reckoned and one.way == "bert_score")
    rows = []
    for one in timings:
        compared = one.candidates == package.candidates and one.references == package.references
        rows.append(
            [
                one.way + (" (reckoned)" if one.reckoned else ""),
                f"{one.candidates:,} x {one.references:,}" if one.candidates else f"{one.references:,}",
                f"{one.seconds:,.1f}",
                f"{one.processor:,.1f}",
                f"{package.seconds / one.seconds:,.0f}" if compared else "",
                f"{package.processor / one.processor:,.0f}" if compared else "",
            ]
        )
    headers = ["", "candidates x references", "seconds", "CPU seconds", "x bert_score", "in CPU"]
    print(tabulate(rows, headers, colalign=("left", *["right"] * 5), disable_numparse=True))
    print(
        f"F1 of {equality.pairs} pairs: ours and bert_score's, pair by pair, differ by at most {equality.alone:.1e}; "
        f"bert_score's own padding moves it by up to {equality.padded:.1e}"
    )
    print(
        f"the shortlist finds the best of all references for {equality.shortlist_finds_best:.1%} of candidates, and "
        f"falls short by at most {equality.shortlist_falls_short:.3f}"
    )
