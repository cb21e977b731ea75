"""BERTScore against many references: equal to the ``bert_score`` package, and its pass mark means what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bsm_core.classifiers import reference_states as module
from bsm_core.classifiers.layers import best_layer, layer_table, separation
from bsm_core.classifiers.similarity import BertScoreSimilarity
from bsm_core.domain.tasks import Text
from bsm_core.errors import JobCancelledError, NothingToDoError
from bsm_core.tasks.assets import asset_path
from tests.encoders import make_tiny_encoder, open_context, polar_rows

REFERENCES: list[Text] = list(dict.fromkeys(row.text for row in polar_rows(120)))
CANDIDATES: list[Text] = [row.text for row in polar_rows(8, seed=5)]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def similarity(encoder: Path) -> BertScoreSimilarity:
    return BertScoreSimilarity(encoder, REFERENCES, seed=0)


def package_scores(encoder: Path, layers: int, candidates: list[str], references: list[str]) -> np.ndarray:
    """(candidates,) best F1 over the references by ``bert_score``, one pair at a time: its padding moves the third
    decimal."""
    from bert_score import BERTScorer

    scorer = BERTScorer(model_type=str(encoder), num_layers=layers, device="cpu")
    best = [max(float(scorer.score([one], [other])[2]) for other in references) for one in candidates]
    return np.array(best)


@pytest.mark.parametrize("layer", [1, None])
def test_scores_are_those_of_the_package(layer: int | None, encoder: Path) -> None:
    found = BertScoreSimilarity(encoder, REFERENCES[:6], seed=0, layer=layer).scores(CANDIDATES[:4])
    expected = package_scores(encoder, layer or 2, [c[0] for c in CANDIDATES[:4]], [r[0] for r in REFERENCES[:6]])
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_scores_of_the_packaged_encoder_are_those_of_the_package() -> None:
    encoder = asset_path("all-MiniLM-L6-v2")
    references = ["a gripping, beautifully acted drama.", "the plot makes no sense at all", "it is 90 minutes long"]
    candidates = ["a beautifully acted film", "the stock market fell by 3 percent on Monday", "no sense at all"]
    found = BertScoreSimilarity(encoder, [(text,) for text in references], seed=0).scores([(c,) for c in candidates])
    assert found == pytest.approx(package_scores(encoder, 6, candidates, references), abs=1e-5)
    assert found[1] < min(found[0], found[2])


def test_scores_of_a_reference_is_one(similarity: BertScoreSimilarity) -> None:
    assert similarity.scores(REFERENCES[:3]) == pytest.approx(np.ones(3), abs=1e-6)


def test_scores_of_an_empty_text_is_zero(similarity: BertScoreSimilarity) -> None:
    assert similarity.scores([("",), (" ",), REFERENCES[0]])[:2].tolist() == [0.0, 0.0]


def test_scores_of_nothing(similarity: BertScoreSimilarity) -> None:
    assert similarity.scores([]).shape == (0,)


def test_scores_by_a_shortlist_never_exceed_those_by_all(encoder: Path, similarity: BertScoreSimilarity) -> None:
    everything = BertScoreSimilarity(encoder, REFERENCES, seed=0, shortlist=len(REFERENCES)).scores(CANDIDATES)
    short = BertScoreSimilarity(encoder, REFERENCES, seed=0, shortlist=4).scores(CANDIDATES)
    assert (short <= everything + 1e-6).all()
    assert similarity.scores(CANDIDATES) == pytest.approx(everything, abs=0.02)


def test_scores_of_pairs_read_both_sides(encoder: Path) -> None:
    pairs: list[Text] = [("a great film", "a dull story"), ("lovely music", "its actors"), ("the ending", "is poor")]
    similarity = BertScoreSimilarity(encoder, pairs, seed=0)
    assert similarity.scores([pairs[1]]) == pytest.approx([1.0], abs=1e-6)
    assert similarity.scores([("lovely music its actors",)]) == pytest.approx([1.0], abs=1e-6)
    assert similarity.scores([pairs[1][:1]])[0] < 1


def test_scores_are_the_same_when_memory_for_references_is_short(
    encoder: Path, similarity: BertScoreSimilarity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 20_000)
    frugal = BertScoreSimilarity(encoder, REFERENCES, seed=0)
    assert frugal.scores(CANDIDATES) == pytest.approx(similarity.scores(CANDIDATES), abs=1e-6)
    assert frugal.calibrate().threshold == pytest.approx(similarity.calibrate().threshold, abs=1e-6)


def test_calibrate_takes_the_quantile_of_each_text_against_all_others(encoder: Path) -> None:
    few = REFERENCES[:20]
    similarity = BertScoreSimilarity(encoder, few, seed=3)
    chosen = np.random.default_rng(3).permutation(20)[:10]
    left_out = []
    for index in chosen:
        others = [text for place, text in enumerate(few) if place != index]
        left_out.append(BertScoreSimilarity(encoder, others, seed=0).scores([few[index]])[0])
    assert similarity.calibrate(0.5).threshold == pytest.approx(np.median(left_out), abs=1e-6)
    assert similarity.calibrate(0.0).threshold == pytest.approx(min(left_out), abs=1e-6)


def test_calibrate_says_what_passes(similarity: BertScoreSimilarity) -> None:
    scale = similarity.calibrate()
    assert (scale.layer, scale.references) == (2, len(REFERENCES))
    assert 0.9 <= scale.passes_real <= 1
    assert 0 <= scale.passes_shuffled <= 1
    assert scale == similarity.calibrate()


def test_calibrate_with_a_mark_of_ones_own_keeps_it(similarity: BertScoreSimilarity) -> None:
    strict = similarity.calibrate(threshold=0.9999)
    assert strict.threshold == 0.9999
    assert (strict.passes_real, strict.passes_shuffled) == (0.0, 0.0)


def test_calibrate_of_two_references(encoder: Path) -> None:
    assert 0 < BertScoreSimilarity(encoder, REFERENCES[:2], seed=0).calibrate().threshold < 1


@pytest.mark.parametrize("references", [[], REFERENCES[:1]])
def test_similarity_to_fewer_than_two_texts_is_refused(references: list[Text], encoder: Path) -> None:
    with pytest.raises(NothingToDoError, match=f"{len(references)} training texts are too few"):
        BertScoreSimilarity(encoder, references, seed=0)


def test_scores_stop_at_the_cancel_marker(encoder: Path, tmp_path: Path) -> None:
    with open_context(tmp_path) as context:
        context.folder.joinpath("cancel").touch()
        with pytest.raises(JobCancelledError):
            BertScoreSimilarity(encoder, REFERENCES, seed=0).scores(CANDIDATES, context)


def test_scores_by_the_best_few_are_their_mean(encoder: Path) -> None:
    single = [
        BertScoreSimilarity(encoder, [one, one], seed=0).scores(CANDIDATES[:2]) for one in REFERENCES[:12]
    ]  # (12, 2): each reference alone
    wanted = np.sort(np.array(single), axis=0)[-3:].mean(axis=0)
    for shortlist in (0, 11):
        found = BertScoreSimilarity(encoder, REFERENCES[:12], seed=0, shortlist=shortlist, top=3)
        assert found.scores(CANDIDATES[:2]) == pytest.approx(wanted, abs=1e-6)


def test_scores_over_every_reference_are_those_of_one_product_however_it_is_cut(
    encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = BertScoreSimilarity(encoder, REFERENCES, seed=0, shortlist=0)
    monkeypatch.setattr(module, "PACKED_TOKENS", 50)
    cut = BertScoreSimilarity(encoder, REFERENCES, seed=0, shortlist=0)
    assert cut.scores(CANDIDATES) == pytest.approx(whole.scores(CANDIDATES), abs=1e-6)
    assert cut.calibrate().training == pytest.approx(whole.calibrate().training, abs=1e-4)


def test_calibrate_keeps_the_scores_that_its_shares_are_of(similarity: BertScoreSimilarity) -> None:
    scale = similarity.calibrate()
    real = np.array(scale.real)
    assert scale.passes_real == pytest.approx((real >= scale.threshold).mean(), abs=0.02)
    assert len(scale.shuffled) == len(scale.random_words) == len(real)
    assert np.quantile(scale.training, 0.02) == pytest.approx(scale.threshold, abs=1e-3)


def test_nearness_is_the_share_of_training_texts_that_are_less_near(similarity: BertScoreSimilarity) -> None:
    source = ("the ending is poor",)
    found = similarity.nearness([source, CANDIDATES[0], source], [[source], [source, CANDIDATES[1]], []])
    assert found[0] == 1.0
    assert found[1] is not None
    assert 0 <= found[1] <= 1
    assert found[2] is None


def test_layer_table_has_a_row_a_layer_and_separates_what_differs(encoder: Path) -> None:
    bad = {"elsewhere": [("xx yy zz",), ("qq ww",)]}
    rows = layer_table(encoder, REFERENCES[:40], CANDIDATES, bad, seed=0, raw=0.5)
    assert [row.layer for row in rows] == [1, 2]
    assert best_layer(rows).mean_separation == max(row.mean_separation for row in rows)
    assert all(0 <= row.separation["elsewhere"] <= 1 for row in rows)


def test_separation_counts_ties_half() -> None:
    assert separation(np.array([0.5, 0.9]), np.array([0.1, 0.5])) == pytest.approx(3.5 / 4)
    assert separation(np.array([0.1]), np.array([0.2])) == 0.0
