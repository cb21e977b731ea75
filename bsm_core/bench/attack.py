"""Attacking with a recipe: TextAttack as it comes, our engine, and the bare forward pass, on the same examples."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tabulate import tabulate

from bsm_core.bench.agreement import TIE, Agreement, agreement
from bsm_core.bench.ways import Attacked, OurAttack, TextAttackItself, Timing
from bsm_core.classifiers.bare import BareForward
from bsm_core.classifiers.device import describe
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.embed import SentenceEmbedder
from bsm_core.classifiers.predict import BATCH_ROWS, GPU_BATCH_ROWS, TrainedClassifier
from bsm_core.classifiers.untrained import save_untrained
from bsm_core.config import load_preset
from bsm_core.domain.tasks import Example, Split
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.errors import WorkbenchError
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.limits import GPU_LIMITS, AttackLimits
from bsm_core.tasks.assets import asset_path
from bsm_core.tasks.loading import load_dataset

BASE = "all-MiniLM-L6-v2"
MAX_LENGTH = 512
"""Tokens, for all of them, where the model has positions for them: what TextAttack's wrapper pads to."""

_HEAD_TEXTS = 32
"""Over so many texts at least the random head is balanced."""

_SLICE = 8
"""All ways take turns on so many examples at least, so that what else the machine does hits all alike."""


@dataclass(frozen=True, slots=True)
class Options:
    n: int = 50
    data: str = "rotten_tomatoes"
    device: str | None = None
    model: Path | None = None
    """Folder of a trained classifier; None takes the packaged MiniLM with a random head, and what it says as labels."""
    recipe: str = PerturbationRecipe.DEEPWORDBUG
    precision: str | None = None
    """Of our engine; TextAttack and the bare forward pass stay at float32."""
    concurrency: int | None = None
    textattack: bool = True
    """False leaves TextAttack itself out, which takes most of the time."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    attacked: list[Attacked]
    """Our engine first."""
    bare: list[Timing]
    """transformers' forward pass last."""


def run(options: Options, json_path: Path | None) -> None:
    """Print the comparison, and write it to ``json_path``. Raises WorkbenchError for bad options."""
    if options.n < 1:
        raise WorkbenchError(f"--n {options.n} is less than 1; attack at least one text")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as scratch:
        texts = read_examples(replace(options, n=max(options.n, _HEAD_TEXTS)))
        examples = texts[: options.n]
        folder = options.model or save_untrained(
            asset_path(BASE), Path(scratch), [item.text for item in texts], options.seed
        )
        chosen = pick_device(options.device)
        what = f"{options.n} texts of {options.data}, {options.recipe}"
        print(f"{what}, {options.model or BASE}, {describe(chosen)}", flush=True)
        compared = compare(options, folder, examples)
    _tell(compared)
    print(
        f"{os.cpu_count()} processors ({platform.machine()}), {os.environ.get('OMP_NUM_THREADS', 'all')} threads, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    )
    if json_path is not None:
        json_path.write_text(json.dumps(_body(compared, options), indent=2) + "\n", "utf-8")


def read_examples(options: Options) -> list[Example]:
    config = replace(load_preset("demo"), task=options.data, train_size=1, validation_size=options.n, test_size=1)
    return list(load_dataset(config).of(Split.VALIDATION))


def compare(options: Options, folder: Path, examples: Sequence[Example]) -> Comparison:
    """All ways in turns, a slice of ``examples`` after the other."""
    chosen = pick_device(options.device)
    gpu = chosen.type == "cuda"
    rows = GPU_BATCH_ROWS if gpu else BATCH_ROWS
    classifier = TrainedClassifier(folder, str(chosen), rows, MAX_LENGTH, options.precision)
    if options.model is None:
        answers = classifier.logits([item.text for item in examples]).argmax(axis=1).tolist()
        examples = [replace(item, label=label) for item, label in zip(examples, answers, strict=True)]
    limits = GPU_LIMITS if gpu else AttackLimits()
    if options.concurrency is not None:
        limits = replace(limits, concurrency=options.concurrency)
    recipe = PerturbationRecipe(options.recipe)
    ingredients = Ingredients(asset_path, lambda: SentenceEmbedder(asset_path(BASE), str(chosen)))
    alone = replace(limits, concurrency=1)
    ways: list[OurAttack | TextAttackItself] = [
        OurAttack("our engine", classifier, recipe, ingredients, limits, options.seed),
        OurAttack("our engine, one at a time", classifier, recipe, ingredients, alone, options.seed),
    ]
    if options.textattack:
        ways.append(TextAttackItself("TextAttack", classifier, folder, recipe, ingredients, options.seed))
    bare = [
        (Timing(f"{whose} forward pass alone"), BareForward(folder, chosen, rows, MAX_LENGTH, ours=whose == "our"))
        for whose in ("our", "transformers'")
    ]
    classifier.logits([item.text for item in examples[:8]])  # what the first call alone pays

    size = max(limits.concurrency, _SLICE)
    for start in range(0, len(examples), size):
        for way in ways:
            print(f"{way.attacked.timing.way}, from text {start + 1:,} ...", flush=True)
            way.attack(examples[start : start + size])
        texts = ways[0].attacked.trace.unique(examples[start : start + size])
        for timing, forward in bare:
            seconds, processor = forward.seconds(texts)
            timing.seconds += seconds
            timing.processor += processor
            timing.queries += len(texts)
    return Comparison([way.attacked for way in ways], [timing for timing, _ in bare])


def _timings(compared: Comparison) -> list[Timing]:
    return [*(one.timing for one in reversed(compared.attacked)), *compared.bare]


def _tell(compared: Comparison) -> None:
    timings = _timings(compared)
    slowest = timings[0]
    rows = [
        [
            way.way,
            f"{way.queries:,}",
            f"{way.seconds:.1f}",
            f"{way.rate:,.1f}",
            f"{way.rate / slowest.rate:.1f}",
            f"{way.processor:.1f}",
            f"{slowest.cost / way.cost:.1f}",
            *(f"{one.cost / way.cost:.0%}" for one in compared.bare),
        ]
        for way in timings
    ]
    than = f"x {slowest.way}"
    headers = ["", "queries", "seconds", "queries/s", than, "CPU seconds", than, "of our pass", "of transformers'"]
    print(tabulate(rows, headers, colalign=("left", *["right"] * 8), disable_numparse=True))
    print(_outcomes(compared.attacked[0].found))
    for name, agreed in _agreements(compared).items():
        print(f"{name}: {_in_words(agreed)}")
    print("where our time went: " + ", ".join(f"{name} {share:.0%}" for name, share in _shares(compared.attacked[0])))
    asked, answered = compared.attacked[0].spending.asked, compared.attacked[0].spending.answered
    print(f"of {asked:,} questions {answered:,} were left without repetitions; the last ratios are of CPU seconds")


def _outcomes(found: Sequence[Perturbation]) -> str:
    counts = {outcome: sum(one.outcome is outcome for one in found) for outcome in AttackOutcome}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _agreements(compared: Comparison) -> dict[str, Agreement]:
    ours, *others = compared.attacked
    return {
        f"against {other.timing.way}": agreement(
            ours.found, {one.example_id: one for one in other.found}, ours.trace, other.trace
        )
        for other in others
    }


def _in_words(agreed: Agreement) -> str:
    return (
        f"of {agreed.examples} the same outcome {agreed.outcomes}, text {agreed.texts}, query count {agreed.queries}, "
        f"all three {agreed.whole}; of the others {agreed.ties} by a float tie (< {TIE:g}), {agreed.unexplained} "
        f"otherwise; probabilities differ by up to {agreed.largest:.1e}"
    )


def _shares(ours: Attacked) -> list[tuple[str, float]]:
    spending, whole = ours.spending, ours.timing.seconds
    answering = sum(spending.answering.values())
    shares = {
        **spending.answering,
        "constraints": spending.constraints,
        "TextAttack's other Python": spending.searching - spending.constraints,
        "the engine": whole - answering - spending.searching,
    }
    return [(name, seconds / whole) for name, seconds in shares.items()]


def _body(compared: Comparison, options: Options) -> dict[str, Any]:
    return {
        "options": {name: str(value) for name, value in asdict(options).items()},
        "processors": os.cpu_count(),
        "timings": [asdict(way) | {"rate": way.rate} for way in _timings(compared)],
        "agreement": {name: asdict(agreed) for name, agreed in _agreements(compared).items()},
        "spending": asdict(compared.attacked[0].spending),
        "shares": dict(_shares(compared.attacked[0])),
    }
