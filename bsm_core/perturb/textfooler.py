"""TextFooler (Jin et al., 2020): as TextAttack has it, where its resources are there, and a stand-in without them."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import nltk
from textattack import Attack
from textattack.attack_recipes import TextFoolerJin2019
from textattack.constraints import Constraint, PreTransformationConstraint
from textattack.constraints.pre_transformation import (
    InputColumnModification,
    RepeatModification,
    StopwordModification,
)
from textattack.goal_functions import UntargetedClassification
from textattack.search_methods import GreedyWordSwapWIR
from textattack.shared.utils import install
from textattack.transformations import WordSwapEmbedding

from bsm_core.config import DATA
from bsm_core.errors import PerturbationError
from bsm_core.perturb import polarity, tagging, vectors
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.meanings import Meanings
from bsm_core.perturb.sentences import SameSentence
from bsm_core.perturb.swaps import NEIGHBORS, GuardedNeighbors
from bsm_core.perturb.wrapper import ClassifierWrapper

VECTORS = Path("word_embeddings", "paragramcf")
"""The counter-fitted vectors' folder below TextAttack's cache."""

_VECTOR_FILES = ("paragram.npy", "wordlist.pickle", "mse_dist.p", "cos_sim.p", "nn.npy")
_TAGGER = ("taggers/averaged_perceptron_tagger_eng", "taggers/universal_tagset")
_SENTENCE_ENCODER = "https://tfhub.dev/google/universal-sentence-encoder/3"


def textfooler(wrapper: ClassifierWrapper, _: Ingredients | None = None) -> Attack:
    """Exactly TextAttack's ``TextFoolerJin2019``. Nothing is downloaded: its resources must be there already.

    Some of the vectors' files are pickles, which TextAttack loads; take them from TextAttack only.
    Raises PerturbationError, before anything is loaded, that names whatever is missing and how to get it.
    """
    missing = missing_resources()
    if missing:
        raise PerturbationError(
            "the recipe textfooler lacks " + "; ".join(missing) + ". Without them take textfooler-local"
        )
    return TextFoolerJin2019.build(wrapper)


def missing_resources() -> list[str]:
    """What ``textfooler`` needs and this machine lacks, each with its remedy. Looks at files only."""
    return [*_missing_vectors(), *_missing_sentence_encoder(), *_missing_tagger()]


def _missing_vectors() -> list[str]:
    folder = Path(install.TEXTATTACK_CACHE_DIR) / VECTORS
    if all((folder / name).is_file() for name in _VECTOR_FILES):
        return []
    return [
        f"the counter-fitted word vectors in {folder} (with a network, run `python -c 'from textattack.shared import "
        "WordEmbedding; WordEmbedding.counterfitted_GLOVE_embedding()'`)"
    ]


def _missing_sentence_encoder() -> list[str]:
    if find_spec("tensorflow_hub") is None:
        return ["the Universal Sentence Encoder's library (`pip install tensorflow tensorflow-hub`)"]
    cache_folder = os.environ.get("TFHUB_CACHE_DIR", "")
    if cache_folder and any(Path(cache_folder).glob("*/saved_model.pb")):
        return []
    return [
        f"the Universal Sentence Encoder itself (with a network and TFHUB_CACHE_DIR set to a lasting folder, run "
        f"`python -c 'import tensorflow_hub; tensorflow_hub.load(\"{_SENTENCE_ENCODER}\")'`, and keep the variable set)"
    ]


def _missing_tagger() -> list[str]:
    names = [name for name in _TAGGER if not _is_there(name)]
    packages = " ".join(name.split("/")[1] for name in names)
    return [f"NLTK's {', '.join(names)} (`python -m nltk.downloader {packages}`)"] if names else []


def _is_there(name: str) -> bool:
    try:
        nltk.data.find(name)
    except LookupError:
        return False
    return True


def textfooler_local(wrapper: ClassifierWrapper, ingredients: Ingredients | None = None) -> Attack:
    """TextFooler's search with what can be packaged. **Not** TextFooler: its figures are its own.

    | | TextFooler | here |
    |---|---|---|
    | search, stop words, one change a word | greedy, by deletion | the same |
    | neighbors | 50 counter-fitted, cosine >= .5 | 50 of GloVe 6B 50d, cosine >= .5, and what ``swaps`` guards |
    | sentence | USE, 15 words around, texts under 15 words pass | MiniLM, whole texts against the original |
    | part of speech | NLTK, noun for verb allowed | a perceptron, the form of a verb must stay |
    | pairs | only the hypothesis, of columns ``premise`` and ``hypothesis`` | the same; other pairs: both sides |

    How often it breaks the label, judged by one reader, a language model, over the first 101 successes on validation
    sentences of rotten_tomatoes against MiniLM (goal untargeted; 25 % of 405 attacks succeeded): clearly in 1 (1.0 %,
    95 % Wilson interval 0.2 to 5.4 %), and counting the doubtful too in 5 (5.0 %, 2.1 to 11.1 %). ``QUANTITIES`` and
    ``DEGREES`` were fixed during the reading, and the texts that had swapped them attacked anew. Many texts read badly
    all the same: "the film lacks" becomes "the film lack".

    Raises PerturbationError without ``ingredients``, AssetError for a missing or altered package.
    """
    if ingredients is None:
        raise PerturbationError("the recipe textfooler-local was given no word vectors and no sentence encoder")
    neighbors, tagger, sentence = local_parts(ingredients)
    constraints: list[Constraint | PreTransformationConstraint] = [
        RepeatModification(),
        StopwordModification(stopwords=_stop_words()),
        InputColumnModification(["premise", "hypothesis"], {"premise"}),
        tagging.SamePartOfSpeech(tagger),
        sentence,
    ]
    transformation = WordSwapEmbedding(max_candidates=NEIGHBORS, embedding=neighbors)
    search = GreedyWordSwapWIR(wir_method="delete")
    return Attack(UntargetedClassification(wrapper), constraints, transformation, search)


def _stop_words() -> set[str]:
    lines = (DATA / "lexicon" / "textfooler_stop_words.txt").read_text(encoding="utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


@cache
def local_parts(ingredients: Ingredients) -> tuple[GuardedNeighbors, tagging.PerceptronTagger, SameSentence]:
    """Loaded once a process: they take some seconds, and hold nothing of an attack but caches."""
    # All assets first: a missing one is told at once.
    glove, vader, tags = (ingredients.asset_path(name) for name in (vectors.ASSET, polarity.ASSET, tagging.ASSET))
    embedder = ingredients.load_embedder()
    meanings = Meanings(vectors.WordVectors(glove), embedder)
    neighbors = GuardedNeighbors(meanings, polarity.Polarity(vader, meanings))
    return neighbors, tagging.PerceptronTagger(tags), SameSentence(embedder)
