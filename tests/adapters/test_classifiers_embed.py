from pathlib import Path

import numpy as np
import pytest

from bsm_core.classifiers.embed import SentenceEmbedder
from bsm_core.tasks.assets import asset_path
from tests.encoders import make_tiny_encoder

pytestmark = pytest.mark.slow


def test_embeddings_are_of_length_one_and_do_not_depend_on_their_neighbors(tmp_path: Path) -> None:
    embedder = SentenceEmbedder(make_tiny_encoder(tmp_path / "encoder"), "cpu")
    texts = ["the film", "a wonderful story with actors", "", "the dull ending of the music is poor"]
    together = embedder.embed(texts)
    assert together.shape == (4, embedder.size)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)
    for text, row in zip(texts, together, strict=True):
        assert embedder.embed([text])[0] == pytest.approx(row, abs=1e-5)
    assert embedder.embed([]).shape == (0, embedder.size)


def test_sentences_of_like_meaning_are_closer() -> None:
    embedder = SentenceEmbedder(asset_path("all-MiniLM-L6-v2"), "cpu")
    one, like, unlike = embedder.embed(["a very funny movie", "a hilarious film", "the train leaves at noon"])
    assert one @ like > 0.6 > 0.3 > one @ unlike
