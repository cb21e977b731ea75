"""TextFooler itself, on tiny resources made here: what is refused, and that no pickle is read."""

from __future__ import annotations

import json
import pickle
from collections import defaultdict
from pathlib import Path

import nltk
import numpy as np
import pytest

from bsm_core.domain.unknowns import AttackOutcome, PerturbationRecipe
from bsm_core.errors import PerturbationError
from bsm_core.perturb import counter_fitted
from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.perturb.recipes import build_attack
from bsm_core.perturb.textfooler import missing_resources
from bsm_core.perturb.wrapper import ClassifierWrapper
from tests.attacks import ODD_TEXTS, WordClassifier, answered, open_context

pytestmark = pytest.mark.slow

_TEXT = "with much care the studio made a film whose charm and whose story many a viewer will remember fondly"
_NEAR = {"film": ("movie", "picture"), "charm": ("appeal", "grace"), "story": ("tale", "plot")}
_GROUPS = [word for group in _NEAR.items() for word in (group[0], *group[1])]
_WORDS = [*_GROUPS, *(f"filler{number}" for number in range(50))]  # TextAttack asks for 50 neighbors
_ENCODER = """
class Rows:
    def __init__(self, count):
        self.count = count
    def numpy(self):
        import numpy
        return numpy.ones((self.count, 4), dtype="float32")

def load(url):
    return lambda sentences: {"outputs": Rows(len(sentences))}
"""


def _matrix() -> np.ndarray:
    """Words of a group are near one another, and far from all others."""
    draw = np.random.default_rng(0)
    groups = np.repeat(np.eye(len(_NEAR), 8), 3, axis=0) + draw.normal(0, 0.05, (len(_GROUPS), 8))
    fillers = np.repeat(-np.eye(1, 8), len(_WORDS) - len(_GROUPS), axis=0)
    return np.concatenate([groups, fillers]).astype(np.float32)


@pytest.fixture
def vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder for the vectors. Nothing of NLTK's is there, and reading a pickle is an error."""
    monkeypatch.setattr("textattack.shared.utils.install.TEXTATTACK_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("textattack.shared.utils.GLOBAL_OBJECTS", {})
    monkeypatch.setattr("nltk.data.path", [str(tmp_path / "nltk")])
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, None)
    folder = tmp_path / counter_fitted.FOLDER
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def others(vectors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tagger that knows nouns only, and a sentence encoder to which all sentences are one."""
    root = vectors.parents[1]
    taggers = root / "nltk" / "taggers"
    tagger, tagset = taggers / "averaged_perceptron_tagger_eng", taggers / "universal_tagset"
    for place in (tagger, tagset):
        place.mkdir(parents=True)
    for name, value in (("weights", {}), ("tagdict", {}), ("classes", ["NN"])):
        (tagger / f"averaged_perceptron_tagger_eng.{name}.json").write_text(json.dumps(value))
    (tagset / "en-ptb.map").write_text("NN\tNOUN\n")
    # What NLTK keeps of a tagger once read, it would keep for other tests.
    monkeypatch.setattr("nltk.tag.mapping._MAPPINGS", defaultdict(lambda: defaultdict(lambda: defaultdict(str))))
    monkeypatch.setattr("nltk.tag._get_tagger", nltk.tag._get_tagger.__wrapped__)
    (root / "library").mkdir()
    (root / "library" / "tensorflow_hub.py").write_text(_ENCODER)
    monkeypatch.syspath_prepend(root / "library")
    (root / "hub" / "use").mkdir(parents=True)
    (root / "hub" / "use" / "saved_model.pb").touch()
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(root / "hub"))


def _write_text(folder: Path) -> None:
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(_WORDS, _matrix().tolist(), strict=True)]
    (folder / counter_fitted.TEXT).write_text("\n".join(lines), encoding="utf-8")


def _write_arrays(folder: Path) -> None:
    np.save(folder / counter_fitted.MATRIX, _matrix())
    (folder / counter_fitted.WORDS).write_text("\n".join(_WORDS), encoding="utf-8")


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("write", [_write_text, _write_arrays])
def test_textfooler_attacks_with_vectors_from_text_or_from_arrays(vectors: Path, tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    write(vectors)
    assert missing_resources() == []
    model = WordClassifier()
    with open_context(tmp_path / "job") as context:
        arguments = (PerturbationRecipe.TEXTFOOLER, 0, "set-1", context)
        (row,) = TextAttackPerturber().perturb(model, [answered(model, _TEXT)], *arguments)
    assert row.outcome in (AttackOutcome.SUCCESSFUL, AttackOutcome.FAILED), row.note
    pairs = zip(row.original_text[0].split(), row.perturbed_text[0].split(), strict=True)
    changed = {before: after for before, after in pairs if before != after}
    assert changed
    assert all(after in _NEAR[before] for before, after in changed.items())


@pytest.mark.usefixtures("others")
def test_odd_texts_are_each_recorded(vectors: Path, tmp_path: Path) -> None:
    _write_text(vectors)
    model = WordClassifier()
    examples = [answered(model, text) for text in ODD_TEXTS.values()]
    with open_context(tmp_path / "job") as context:
        found = list(TextAttackPerturber().perturb(model, examples, PerturbationRecipe.TEXTFOOLER, 0, "set-1", context))
    broken = [name for name, row in zip(ODD_TEXTS, found, strict=True) if row.outcome is AttackOutcome.ERROR]
    assert broken == ["ten thousand words"]


def test_without_its_resources_it_names_each_and_its_remedy(vectors: Path, tmp_path: Path) -> None:
    with open_context(tmp_path / "job") as context, pytest.raises(PerturbationError) as refused:
        build_attack(PerturbationRecipe.TEXTFOOLER, ClassifierWrapper(WordClassifier(), context))
    message = str(refused.value)
    for part in (counter_fitted.TEXT, "Sentence Encoder", "averaged_perceptron_tagger_eng", "textfooler-local"):
        assert part in message
    assert not list(vectors.iterdir()), "something was downloaded"


def test_the_pickle_of_textattack_is_refused_with_the_way_around_it(vectors: Path) -> None:
    np.save(vectors / counter_fitted.MATRIX, _matrix())
    (vectors / counter_fitted.PICKLED_WORDS).write_bytes(b"\x80\x04}.")
    (told,) = counter_fitted.missing()
    assert "is a pickle, which can run code" in told
    assert counter_fitted.WORDS in told


def test_arrays_that_are_pickles_inside_or_do_not_fit_are_refused(vectors: Path) -> None:
    _write_arrays(vectors)
    np.save(vectors / counter_fitted.MATRIX, np.array([["a", 1]] * len(_WORDS), dtype=object), allow_pickle=True)
    with pytest.raises(PerturbationError, match="is no plain array"):
        counter_fitted.hand_over()
    np.save(vectors / counter_fitted.MATRIX, _matrix()[:-1])
    with pytest.raises(PerturbationError, match="they must fit"):
        counter_fitted.hand_over()
    _write_arrays(vectors)
    np.save(vectors / counter_fitted.NEIGHBORS, np.full((len(_WORDS), 2), 99))
    with pytest.raises(PerturbationError, match="numbers of words; leave it out"):
        counter_fitted.hand_over()


@pytest.mark.parametrize(
    ("body", "told"),
    [("film 1 2\nmovie 1", "line 2: 1 numbers"), ("film one two", "line 1: could not convert"), ("", "is empty")],
)
def test_a_text_of_vectors_that_does_not_read_names_the_line(vectors: Path, body: str, told: str) -> None:
    (vectors / counter_fitted.TEXT).write_text(body, encoding="utf-8")
    with pytest.raises(PerturbationError, match=told):
        counter_fitted.hand_over()
