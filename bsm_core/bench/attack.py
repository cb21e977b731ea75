"""Attacking with DeepWordBug: TextAttack as it comes, our engine, and the bare forward pass, on the same examples."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tabulate import tabulate

from bsm_core.bench.agreement import TIE, Agreement, Trace, agreement
from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.bare import forward_seconds
from bsm_core.classifiers.device import describe, move
from bsm_core.classifiers.device import device as pick_device
from bsm_core.classifiers.encoder import load_tokenizer, load_trained
from bsm_core.classifiers.predict import BATCH_ROWS, EncoderClassifier
from bsm_core.classifiers.untrained import save_untrained
from bsm_core.config import load_preset
from bsm_core.domain.tasks import Example, Split
from bsm_core.domain.unknowns import AttackOutcome, Perturbation, PerturbationRecipe
from bsm_core.errors import WorkbenchError
from bsm_core.perturb.broker import Spending
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.limits import GPU_LIMITS, AttackLimits
from bsm_core.perturb.vanilla import VanillaAttack
from bsm_core.tasks.assets import asset_path
from bsm_core.tasks.loading import load_dataset

BASE = "all-MiniLM-L6-v2"
MAX_LENGTH = 512
"""Tokens, for all three, where the model has positions for them: what TextAttack's wrapper pads to."""

_HEAD_TEXTS = 32
"""Over so many texts at least the random head is balanced."""

_GPU_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Options:
    n: int = 50
    data: str = "rotten_tomatoes"
    device: str | None = None
    model: Path | None = None
    """Folder of a trained classifier; None takes the packaged MiniLM with a random head, and what it says as labels."""
    concurrency: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    way: str
    seconds: float
    processor: float
    """Seconds of processor time: what counts on a machine that does other things as well."""
    queries: int

    @property
    def rate(self) -> float:
        return self.queries / self.seconds

    @property
    def cost(self) -> float:
        """Processor seconds a query."""
        return self.processor / self.queries


@dataclass(frozen=True, slots=True)
class Attacked:
    """One way's results, and what was asked on the way."""

    timing: Timing
    found: list[Perturbation]
    trace: Trace
    spending: Spending


@dataclass(frozen=True, slots=True)
class Comparison:
    vanilla: Attacked
    alone: Attacked
    together: Attacked
    bare: Timing


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
        print(f"{options.n} texts of {options.data}, {options.model or BASE}, {describe(chosen)}", flush=True)
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
    """Each way on all of ``examples``, one after the other."""
    chosen = pick_device(options.device)
    gpu = chosen.type == "cuda"
    rows = _GPU_ROWS if gpu else BATCH_ROWS
    classifier = EncoderClassifier(folder, str(chosen), rows, MAX_LENGTH)
    if options.model is None:
        answers = classifier.logits([item.text for item in examples]).argmax(axis=1).tolist()
        examples = [replace(item, label=label) for item, label in zip(examples, answers, strict=True)]
    limits = GPU_LIMITS if gpu else AttackLimits()
    if options.concurrency is not None:
        limits = replace(limits, concurrency=options.concurrency)
    classifier.logits([item.text for item in examples[:8]])  # what the first call alone pays

    together = _ours("our engine", classifier, examples, limits, options.seed)
    texts = together.trace.unique()
    bare = Timing("bare forward pass", *forward_seconds(folder, chosen, texts, rows, MAX_LENGTH), len(texts))
    alone = _ours("our engine, one at a time", classifier, examples, replace(limits, concurrency=1), options.seed)
    vanilla = _vanilla(folder, chosen, classifier.max_length, examples, options.seed)
    return Comparison(vanilla, alone, together, bare)


def _ours(
    way: str, classifier: EncoderClassifier, examples: Sequence[Example], limits: AttackLimits, seed: int
) -> Attacked:
    trace, spending = Trace(), Spending()
    perturber = TextAttackPerturber(limits, spending, trace.add)

    def attack() -> list[Perturbation]:
        recipe = PerturbationRecipe.DEEPWORDBUG
        return list(perturber.perturb(classifier, examples, recipe, seed, "bench", QuietContext()))

    return _timed(way, attack, trace, spending)


def _vanilla(folder: Path, device: Any, max_length: int, examples: Sequence[Example], seed: int) -> Attacked:
    trace = Trace()
    tokenizer = load_tokenizer(folder)
    tokenizer.model_max_length = max_length
    vanilla = VanillaAttack(move(load_trained(folder), device), tokenizer, trace.add)
    return _timed("TextAttack", lambda: [vanilla.attack(item, seed, "bench") for item in examples], trace, Spending())


def _timed(way: str, attack: Callable[[], list[Perturbation]], trace: Trace, spending: Spending) -> Attacked:
    print(f"{way} ...", flush=True)
    started, burnt = time.perf_counter(), time.process_time()
    found = attack()
    timing = Timing(way, time.perf_counter() - started, time.process_time() - burnt, trace.asked)
    return Attacked(timing, found, trace, spending)


def _tell(compared: Comparison) -> None:
    ways = [compared.vanilla.timing, compared.alone.timing, compared.together.timing, compared.bare]
    slowest, bare = compared.vanilla.timing, compared.bare
    rows = [
        [
            way.way,
            f"{way.queries:,}",
            f"{way.seconds:.1f}",
            f"{way.rate:,.1f}",
            f"{way.rate / slowest.rate:.1f}",
            f"{way.rate / bare.rate:.0%}",
            f"{way.processor:.1f}",
            f"{slowest.cost / way.cost:.1f}",
            f"{bare.cost / way.cost:.0%}",
        ]
        for way in ways
    ]
    by_clock, by_processor = ["queries/s", "x TextAttack", "of bare"], ["CPU seconds", "x TextAttack", "of bare"]
    headers = ["", "queries", "seconds", *by_clock, *by_processor]
    print(tabulate(rows, headers, colalign=("left", *["right"] * 8), disable_numparse=True))
    print(_outcomes(compared.together.found))
    for name, agreed in _agreements(compared).items():
        print(f"{name}: {_in_words(agreed)}")
    print("where our time went: " + ", ".join(f"{name} {share:.0%}" for name, share in _shares(compared.together)))


def _outcomes(found: Sequence[Perturbation]) -> str:
    counts = {outcome: sum(one.outcome is outcome for one in found) for outcome in AttackOutcome}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _agreements(compared: Comparison) -> dict[str, Agreement]:
    ours = compared.together
    return {
        f"against {other.timing.way}": agreement(
            ours.found, {one.example_id: one for one in other.found}, ours.trace, other.trace
        )
        for other in (compared.vanilla, compared.alone)
    }


def _in_words(agreed: Agreement) -> str:
    return (
        f"of {agreed.examples} the same outcome {agreed.outcomes}, text {agreed.texts}, query count {agreed.queries}, "
        f"all three {agreed.whole}; of the others {agreed.ties} by a float tie (< {TIE:g}), {agreed.unexplained} "
        f"otherwise; probabilities differ by up to {agreed.largest:.1e}"
    )


def _shares(ours: Attacked) -> list[tuple[str, float]]:
    spending, whole = ours.spending, ours.timing.seconds
    model = sum(spending.answering.values())
    shares = {
        "model and tokenizer": model,
        "constraints": spending.constraints,
        "TextAttack's other Python": spending.searching - spending.constraints,
        "the engine": whole - model - spending.searching,
    }
    return [(name, seconds / whole) for name, seconds in shares.items()]


def _body(compared: Comparison, options: Options) -> dict[str, Any]:
    ways = [compared.vanilla.timing, compared.alone.timing, compared.together.timing, compared.bare]
    return {
        "options": {name: str(value) for name, value in asdict(options).items()},
        "processors": os.cpu_count(),
        "timings": [asdict(way) | {"rate": way.rate} for way in ways],
        "agreement": {name: asdict(agreed) for name, agreed in _agreements(compared).items()},
        "spending": asdict(compared.together.spending),
        "shares": dict(_shares(compared.together)),
    }
