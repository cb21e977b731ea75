"""Which folders and names are taken for models, and what is said about the others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from transformers import BertForSequenceClassification

from bsm_core.classifiers.base import check_folder, resolve_base
from bsm_core.classifiers.card import read_card, weights_hash
from bsm_core.classifiers.device import device, reproducible
from bsm_core.classifiers.encoder import load_encoder, load_tokenizer, load_trained
from bsm_core.classifiers.predict import load_classifier
from bsm_core.errors import ClassifierError
from bsm_core.tasks.assets import asset_path, find_asset
from tests.encoders import make_tiny_encoder


def no_asset(_name: str) -> None:
    return None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture
def encoder(shared: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return shutil.copytree(shared, tmp_path / "encoder")


def test_resolve_base_by_asset_name() -> None:
    assert resolve_base("all-MiniLM-L6-v2", find_asset) == asset_path("all-MiniLM-L6-v2")


def test_resolve_base_by_folder(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_base(str(encoder), no_asset) == encoder
    monkeypatch.chdir(encoder.parent)
    assert resolve_base("./encoder", no_asset) == Path("encoder")


def test_resolve_base_of_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=f"there is no model folder {tmp_path / 'gone'}"):
        resolve_base(str(tmp_path / "gone"), no_asset)


def test_resolve_base_of_a_name_that_can_be_nothing() -> None:
    with pytest.raises(ClassifierError, match="no asset, no folder and no hub id"):
        resolve_base("bert base, please", no_asset)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A hub that refuses connections, and an empty cache; returns the cache."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return cache


@pytest.mark.usefixtures("unreachable")
def test_resolve_base_of_a_hub_id_without_network_names_the_remedy() -> None:
    with pytest.raises(ClassifierError, match=r"'bert-base-uncased'.*no network.*packaged model all-MiniLM-L6-v2"):
        resolve_base("bert-base-uncased", no_asset)


def test_resolve_base_of_a_hub_id_without_network_takes_the_cached_copy(encoder: Path, unreachable: Path) -> None:
    repository = unreachable / "models--someone--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    snapshot = shutil.copytree(encoder, repository / "snapshots" / ("0" * 40))
    assert resolve_base("someone/tiny", no_asset) == snapshot


def test_check_folder_without_weights(encoder: Path) -> None:
    (encoder / "model.safetensors").unlink()
    with pytest.raises(ClassifierError, match=r"without weights: it has no model\.safetensors"):
        check_folder(encoder)


def test_check_folder_with_pickled_weights_only(encoder: Path) -> None:
    (encoder / "model.safetensors").rename(encoder / "pytorch_model.bin")
    with pytest.raises(ClassifierError, match=r"Pickled weights \(pytorch_model\.bin\) are never loaded; convert"):
        load_classifier(encoder)


def test_check_folder_of_anything_else(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"no model folder: it has no config\.json"):
        check_folder(tmp_path)


def test_pickled_weights_beside_safetensors_are_not_read(encoder: Path) -> None:
    (encoder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    assert load_encoder(encoder).config.hidden_size == 32


def test_load_of_truncated_weights(encoder: Path) -> None:
    weights = encoder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ClassifierError, match="cannot be read"):
        load_encoder(encoder)


@pytest.mark.parametrize("content", ["{", "[]", '{"model_type": "no such model"}'])
def test_load_of_a_broken_config(content: str, encoder: Path) -> None:
    (encoder / "config.json").write_text(content)
    with pytest.raises(ClassifierError, match="cannot be read"):
        load_encoder(encoder)


def test_load_of_remote_code_is_refused(encoder: Path) -> None:
    config = json.loads((encoder / "config.json").read_text())
    strange = {"model_type": "strange", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (encoder / "config.json").write_text(json.dumps(config | strange))
    ran = encoder.parent / "ran"
    (encoder / "evil.py").write_text(f"import pathlib; pathlib.Path({str(ran)!r}).touch()")
    with pytest.raises(ClassifierError, match="cannot be read"):
        load_encoder(encoder)
    assert not ran.exists()


def test_load_trained_of_an_encoder_without_a_head(encoder: Path) -> None:
    with pytest.raises(ClassifierError, match=r"lack 2 tensors \(classifier\.bias, classifier\.weight\); train it"):
        load_trained(encoder)


def test_load_trained_of_a_head_for_another_number_of_labels(encoder: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        BertForSequenceClassification.from_pretrained(encoder, num_labels=2).save_pretrained(encoder)
    config = json.loads((encoder / "config.json").read_text())
    three = {str(index): str(index) for index in range(3)}
    (encoder / "config.json").write_text(json.dumps(config | {"id2label": three, "label2id": {}}))
    with pytest.raises(ClassifierError, match="cannot be read"):
        load_trained(encoder)


def test_load_tokenizer_that_is_missing(encoder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        (encoder / name).unlink()
    with pytest.raises(ClassifierError, match=r"tokenizer|cannot be read"):
        load_tokenizer(encoder)


@pytest.mark.parametrize("layers", [0, 3])
def test_load_encoder_cut_at_a_layer_it_does_not_have(layers: int, encoder: Path) -> None:
    with pytest.raises(ClassifierError, match=f"layer {layers} is not in .* 1 to 2"):
        load_encoder(encoder, layers)


def test_weights_hash_changes_with_the_weights(encoder: Path, tmp_path: Path) -> None:
    assert weights_hash(encoder) != weights_hash(make_tiny_encoder(tmp_path / "other", seed=1))


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_read_card_that_is_broken(content: str, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(ClassifierError, match="train the model again"):
        read_card(tmp_path)


def test_read_card_of_a_model_from_elsewhere(tmp_path: Path) -> None:
    assert read_card(tmp_path) == {}


def test_device_is_cuda_when_present_else_the_cpu() -> None:
    assert device() == torch.device("cuda" if torch.cuda.is_available() else "cpu")


def test_device_follows_the_environment_and_an_argument_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BSM_DEVICE", "CPU")
    assert device() == torch.device("cpu")
    monkeypatch.setenv("BSM_DEVICE", "tpu")
    assert device("cpu") == torch.device("cpu")


def test_device_unknown_names_what_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BSM_DEVICE", "tpu")
    with pytest.raises(ClassifierError, match="device 'tpu' is unknown; set BSM_DEVICE to cpu, cuda or cuda:1"):
        device()


def test_device_that_this_machine_does_not_have() -> None:
    with pytest.raises(ClassifierError, match="'cuda:99' is not on this machine"):
        device("cuda:99")


def test_reproducible_holds_on_cuda_only_and_only_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")  # the user's own, which stays
    with reproducible(torch.device("cuda")):
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    with reproducible(torch.device("cpu")):
        assert not torch.are_deterministic_algorithms_enabled()
