"""``bench``: measures what is claimed to be fast."""

from __future__ import annotations

import argparse
from pathlib import Path

from bsm_core.config import EMBEDDED_ENCODER
from bsm_core.domain.unknowns import PerturbationRecipe


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="measure what is claimed to be fast")
    kinds = bench.add_subparsers(dest="what", required=True)
    pages = kinds.add_parser("pages", help="click to paint over a large study")
    pages.add_argument("--rows", type=int, default=200_000, help="predictions in the store (default: 200000)")
    pages.set_defaults(run=_pages)
    attack = kinds.add_parser("attack", help="TextAttack as it comes, our engine, and the bare forward pass")
    attack.add_argument("--n", type=int, default=50, help="texts to attack (default: 50)")
    attack.add_argument("--data", default="rotten_tomatoes", choices=["rotten_tomatoes", "imdb"])
    attack.add_argument("--device", help="cpu, cuda or cuda:N (default: CUDA when present)")
    attack.add_argument("--model", type=Path, help="folder of a trained model (default: MiniLM with a random head)")
    attack.add_argument("--concurrency", type=int, help="searches at once (default: 64, on a GPU 512)")
    attack.add_argument("--recipe", default="deepwordbug", choices=["deepwordbug", "pruthi", "textfooler-local"])
    attack.add_argument("--precision", help="of our engine: float32 (default), bfloat16 or float16")
    attack.add_argument("--without-textattack", action="store_true", help="our engine and the forward pass alone")
    attack.add_argument("--seed", type=int, default=0)
    attack.set_defaults(run=_attack)
    gate = kinds.add_parser("gate", help="the gates: BERTScore against bert_score's own scorer, and what passes")
    gate.add_argument("--candidates", type=int, default=500)
    gate.add_argument("--references", type=int, default=2000)
    gate.add_argument("--full", type=int, default=25_000, help="references of the large run; 0 leaves it out")
    gate.add_argument("--seed", type=int, default=0)
    gate.set_defaults(run=_gate)
    layers = kinds.add_parser("layers", help="how well each layer of an encoder tells real text from bad")
    layers.add_argument("--encoder", default=EMBEDDED_ENCODER, help="asset name or folder (default: the packaged one)")
    layers.add_argument("--seed", type=int, default=0)
    layers.set_defaults(run=_layers)
    clustering = kinds.add_parser("clustering", help="finding blind spots among many unknown unknowns, phase by phase")
    clustering.add_argument("--n", type=int, default=10_000, help="unknown unknowns (default: 10000)")
    clustering.add_argument("--method", default="kmeans", choices=["kmeans", "hdbscan"])
    clustering.set_defaults(run=_clustering)
    desk = kinds.add_parser("desk", help="the classifier's answer while somebody writes")
    desk.add_argument("--n", type=int, default=200, help="answers (default: 200)")
    desk.add_argument("--references", type=int, default=6000, help="training texts to compare with (default: 6000)")
    desk.add_argument("--json", type=Path, help="write the figures to this file as well")
    desk.set_defaults(run=_desk)
    labels = kinds.add_parser("labels", help="count a table of pairs that were read: how often the label broke")
    labels.add_argument("file", type=Path, help="CSV: original, perturbed, label, verdict, note")
    labels.set_defaults(run=_labels)
    recipes = kinds.add_parser("recipes", help="recipes side by side on a task, against a quickly trained baseline")
    recipes.add_argument("--task", default="rotten_tomatoes")
    recipes.add_argument("--data", type=Path, help="folder (or file) with the task's own files")
    known = [one.value for one in PerturbationRecipe if one is not PerturbationRecipe.IMPORTED]
    recipes.add_argument("--recipe", action="append", choices=known, help="default: deepwordbug and textfooler-local")
    recipes.add_argument("--n", type=int, default=20, help="texts to attack (default: 20)")
    recipes.add_argument("--train", type=int, default=400, help="texts to train on (default: 400)")
    recipes.add_argument("--epochs", type=int, default=3)
    recipes.add_argument("--seed", type=int, default=0)
    recipes.set_defaults(run=_recipes)
    written = kinds.add_parser("sentences", help="the embedded model's sentences: how many are usable, what gates say")
    written.add_argument("--n", type=int, default=60, help="samples to write (default: 60)")
    written.add_argument("--seed", type=int, default=0)
    written.set_defaults(run=_sentences)
    train = kinds.add_parser("train", help="training an encoder, against transformers' Trainer at its defaults")
    train.add_argument("--n", type=int, default=2000, help="texts to train on (default: 2000)")
    train.add_argument("--data", default="rotten_tomatoes", choices=["rotten_tomatoes", "imdb"])
    train.add_argument("--epochs", type=int, default=2)
    train.add_argument("--batch-size", type=int, default=64)
    train.add_argument("--learning-rate", type=float, default=5e-5)
    train.add_argument("--max-length", type=int, default=128)
    train.add_argument("--seeds", type=int, default=3, help="how often each trains (default: 3)")
    train.add_argument("--without-padded", action="store_true", help="leave out the run that pads all to --max-length")
    train.set_defaults(run=_train)
    for parser in (written, train, pages, attack, gate, layers, clustering, labels, recipes):
        parser.add_argument("--json", type=Path, help="write the figures to this file as well")


def _pages(options: argparse.Namespace) -> None:
    from bsm_core.bench.pages import run

    run(options.rows, options.json)


def _desk(options: argparse.Namespace) -> None:
    from bsm_core.bench.desk import run

    run(options.n, options.references, options.json)


def _attack(options: argparse.Namespace) -> None:
    from bsm_core.bench.attack import Options, run

    names = ("n", "data", "device", "model", "recipe", "precision", "concurrency", "seed")
    named = {name: getattr(options, name) for name in names}
    run(Options(**named, textattack=not options.without_textattack), options.json)


def _gate(options: argparse.Namespace) -> None:
    from bsm_core.bench.gate import Options, run

    run(Options(options.candidates, options.references, options.full, options.seed), options.json)


def _clustering(options: argparse.Namespace) -> None:
    from bsm_core.bench.clustering import run

    run(options.n, options.method, options.json)


def _sentences(options: argparse.Namespace) -> None:
    from bsm_core.bench.sentences import run

    run(options.n, options.seed, options.json)


def _train(options: argparse.Namespace) -> None:
    from bsm_core.bench.train import Options, run

    names = ("n", "data", "epochs", "batch_size", "learning_rate", "max_length", "seeds")
    named = {name: getattr(options, name) for name in names}
    run(Options(**named, padded=not options.without_padded), options.json)


def _layers(options: argparse.Namespace) -> None:
    from bsm_core.bench.gate_rates import run_layers

    run_layers(options.encoder, options.seed, options.json)


def _labels(options: argparse.Namespace) -> None:
    from bsm_core.bench.labels import run

    run(options.file, options.json)


def _recipes(options: argparse.Namespace) -> None:
    from bsm_core.bench.recipes import Options, run

    named = {name: getattr(options, name) for name in ("task", "data", "n", "train", "epochs", "seed")}
    if options.recipe:
        named["recipes"] = tuple(options.recipe)
    run(Options(**named), options.json)
