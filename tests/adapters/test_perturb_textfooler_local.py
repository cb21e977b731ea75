"""The stand-in for TextFooler, with its real packages: what it swaps, and above all what it does not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bsm_core.bootstrap.parts import load_embedder
from bsm_core.domain.unknowns import AttackOutcome, PerturbationRecipe
from bsm_core.errors import PerturbationError
from bsm_core.perturb import swaps, tagging, vectors
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.recipes import build_attack
from bsm_core.perturb.sentences import LEAST_SENTENCE
from bsm_core.perturb.swaps import GuardedNeighbors, fixed_words
from bsm_core.perturb.tagging import PerceptronTagger
from bsm_core.perturb.textfooler_local import local_parts
from bsm_core.perturb.vectors import WordVectors
from bsm_core.perturb.wrapper import ClassifierWrapper
from bsm_core.ports import Embedder
from bsm_core.tasks.assets import asset_path
from bsm_core.workflow.lexicon import lexicon, words
from tests.attacks import ODD_TEXTS, WordClassifier, answered, open_context

pytestmark = pytest.mark.slow

_TEXTS = (
    "a charming and often funny movie with a clever script",
    "the story is boring and the acting is bad",
    "an entertaining documentary about an interesting family",
    "the director makes a serious mistake with this strange comedy",
    "a wonderful performance in a small film",
    "the audience will watch the minutes pass",
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="module")
def ingredients(embedder: Embedder) -> Ingredients:
    return Ingredients(asset_path, lambda: embedder)


@pytest.fixture(scope="module")
def neighbors(ingredients: Ingredients) -> GuardedNeighbors:
    """Those of the recipe itself, made once."""
    return local_parts(ingredients)[0]


def test_neighbors_are_words_of_like_meaning(neighbors: GuardedNeighbors) -> None:
    assert {"movie", "films"} <= set(neighbors.allowed("film"))
    assert {"hilarious", "humorous"} <= set(neighbors.allowed("funny"))
    assert "documentary" not in neighbors.allowed("comedy")


def test_no_opinion_word_is_swapped_for_one_of_the_other_polarity(neighbors: GuardedNeighbors) -> None:
    known = lexicon()
    swapped = 0
    for mine, others in ((known.positive, known.negative), (known.negative, known.positive)):
        for word in sorted(mine)[::4]:
            if word in neighbors.meanings.vectors:
                allowed = neighbors.allowed(word)
                swapped += bool(allowed)
                assert not others & set(allowed), word
    assert swapped > 20


def test_opposites_and_function_words_are_neither_changed_nor_put_in(neighbors: GuardedNeighbors) -> None:
    assert "unpredictable" not in neighbors.allowed("predictable")
    assert "thick" not in neighbors.allowed("thin")
    assert all(not neighbors.allowed(word) for word in fixed_words() if word in neighbors.meanings.vectors)
    assert not fixed_words() & set(neighbors.allowed("always"))


def test_numbers_and_names_stay_and_words_of_another_kind_stay_out(neighbors: GuardedNeighbors) -> None:
    names = ("michael", "kevin", "jim", "tarantino", "france", "paris")
    for word in ("sixth", "seven", "dozen", "previous", *names):
        assert not neighbors.allowed(word), word
    assert all(name in neighbors.names for name in names)
    assert not any(word in neighbors.names for word in ("film", "story", "boring", "dull", "charm", "wit"))
    assert "joke" not in neighbors.allowed("funny")
    assert "directing" not in neighbors.allowed("film")


def test_neighbors_through_the_interface_of_textattack_are_the_same(neighbors: GuardedNeighbors) -> None:
    index = neighbors.word2index("brilliant")
    found = neighbors.nearest_neighbours(index, 3)
    assert [neighbors.index2word(one) for one in found] == neighbors.allowed("brilliant")[:3]
    assert all(neighbors.get_cos_sim(index, one) >= swaps.LEAST_COSINE for one in found)
    assert neighbors.get_mse_dist(index, index) == pytest.approx(0, abs=1e-6)
    with pytest.raises(KeyError):
        neighbors.word2index("qwxzq")


def test_polarity_of_words_in_no_lexicon_is_estimated(neighbors: GuardedNeighbors) -> None:
    judged = neighbors.polarity
    assert judged.of("superb") > 1
    assert judged.of("boring") < -1
    neutral = [abs(judged.of(word)) for word in ("film", "river", "engine", "october", "script", "minutes")]
    assert np.median(neutral) < swaps.POLAR / 2


def test_vectors_that_do_not_fit_their_words_are_refused(tmp_path: Path) -> None:
    name = "glove_6B_index.parquet"
    (tmp_path / name).write_bytes((asset_path(vectors.ASSET) / name).read_bytes())
    np.save(tmp_path / "glove_6B_50d_emb.npy", np.zeros((3, 50), dtype=np.float32))
    with pytest.raises(PerturbationError, match="3 vectors for 400000 words"):
        WordVectors(tmp_path)


def test_tagger_tells_the_parts_of_a_sentence() -> None:
    tagger = PerceptronTagger(asset_path(tagging.ASSET))
    tags = tagger.tags(tuple(words("she quickly wrote a wonderful letter to him")))
    assert [tag.split("|")[0] for tag in tags] == ["PRON", "ADV", "VERB", "DET", "ADJ", "NOUN", "ADP", "PRON"]
    assert tags[2] == "VERB|Fin"
    assert tagger.tags(()) == ()


def test_a_file_that_is_no_tagger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tagger.json.gz"
    file.write_bytes(gzip.compress(json.dumps({"weights": {}}).encode()))
    with pytest.raises(PerturbationError, match="tagdict"):
        PerceptronTagger(file)


def test_an_attack_makes_allowed_swaps_only_and_keeps_the_sentence(
    tmp_path: Path, ingredients: Ingredients, neighbors: GuardedNeighbors, embedder: Embedder
) -> None:
    model = WordClassifier()
    examples = [answered(model, text) for text in _TEXTS]
    with open_context(tmp_path / "job") as context:
        perturber = TextAttackPerturber(ingredients=ingredients)
        found = list(perturber.perturb(model, examples, PerturbationRecipe.TEXTFOOLER_LOCAL, 0, "set", context))
    assert AttackOutcome.SUCCESSFUL in {row.outcome for row in found}
    swapped = 0
    for row in found:
        before, after = words(row.original_text[0]), words(row.perturbed_text[0])
        changes = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
        assert all(other in neighbors.allowed(one) for one, other in changes)
        one, other = embedder.embed([row.original_text[0], row.perturbed_text[0]])
        assert one @ other >= LEAST_SENTENCE - 1e-5
        assert row.words_changed == len(changes)
        swapped += len(changes)
    assert swapped > len(_TEXTS)


def test_odd_texts_are_each_recorded(tmp_path: Path, ingredients: Ingredients) -> None:
    model = WordClassifier()
    examples = [answered(model, text) for text in ODD_TEXTS.values()]
    with open_context(tmp_path / "job") as context:
        perturber = TextAttackPerturber(ingredients=ingredients)
        found = list(perturber.perturb(model, examples, PerturbationRecipe.TEXTFOOLER_LOCAL, 0, "set", context))
    broken = [name for name, row in zip(ODD_TEXTS, found, strict=True) if row.outcome is AttackOutcome.ERROR]
    assert broken == ["ten thousand words"]


def test_without_its_ingredients_it_is_refused(tmp_path: Path) -> None:
    with open_context(tmp_path / "job") as context, pytest.raises(PerturbationError, match="no word vectors"):
        build_attack(PerturbationRecipe.TEXTFOOLER_LOCAL, ClassifierWrapper(WordClassifier(), context))
