"""TextFooler (Jin et al., 2020), exactly as TextAttack has it, where its resources are there."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import nltk
from textattack import Attack
from textattack.attack_recipes import TextFoolerJin2019

from bsm_core.errors import PerturbationError
from bsm_core.perturb import counter_fitted
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.wrapper import ClassifierWrapper

_TAGGER = ("taggers/averaged_perceptron_tagger_eng", "taggers/universal_tagset")
"""NLTK has both as JSON and as text."""

_SENTENCE_ENCODER = "https://tfhub.dev/google/universal-sentence-encoder/3"


def textfooler(wrapper: ClassifierWrapper, _: Ingredients | None = None) -> Attack:
    """TextAttack's ``TextFoolerJin2019``. Nothing is downloaded and no pickle is read: the word vectors are handed over
    (``counter_fitted``), the tagger's weights are JSON, the sentence encoder is a TensorFlow model.

    Raises PerturbationError, before anything is loaded, that names whatever is missing and how to get it.
    """
    missing = missing_resources()
    if missing:
        raise PerturbationError(
            "the recipe textfooler lacks " + "; ".join(missing) + ". Without them take textfooler-local"
        )
    counter_fitted.hand_over()
    return TextFoolerJin2019.build(wrapper)


def missing_resources() -> list[str]:
    """What ``textfooler`` needs and this machine lacks, each with its remedy. Looks at files only."""
    return [*counter_fitted.missing(), *_missing_sentence_encoder(), *_missing_tagger()]


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
