import hashlib
import os
import sys
from pathlib import Path

import pytest

from bsm_core.config import DATA
from bsm_core.errors import AssetError
from bsm_core.tasks import assets

GOOD = b"weights"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with one known file, as the asset ``toy``; importing it would fail."""
    folder = tmp_path / "toy_package"
    (folder / "model").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('an asset package was imported')")
    (folder / "model" / "weights.bin").write_bytes(GOOD)
    card = tmp_path / "assets.toml"
    card.write_text(
        '[toy]\npackage = "toy_package"\npath = "model"\n'
        f'[toy.files]\n"model/weights.bin" = "{hashlib.sha256(GOOD).hexdigest()}"\n'
        '[absent]\npackage = "no_such_package"\npath = "model"\nfiles = {}\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(assets, "_assets", lambda: assets.read_assets(card))
    return folder


def test_asset_path_of_a_good_package_is_its_folder_and_imports_nothing(package: Path) -> None:
    assert assets.asset_path("toy") == package / "model"
    assert "toy_package" not in sys.modules


def test_asset_path_of_an_altered_file_names_file_and_both_hashes(package: Path) -> None:
    (package / "model" / "weights.bin").write_bytes(b"other")
    expected, found = (hashlib.sha256(body).hexdigest() for body in (GOOD, b"other"))
    with pytest.raises(AssetError, match=rf"model/weights\.bin of .* expected SHA-256 {expected}, found {found}"):
        assets.asset_path("toy")


def test_asset_path_called_again_reads_the_file_only_when_it_changed(package: Path) -> None:
    file = package / "model" / "weights.bin"
    assets.asset_path("toy")
    stat = file.stat()
    file.write_bytes(b"WEIGHTS")  # same size; with the same time it passes for unchanged
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assets.asset_path("toy")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    with pytest.raises(AssetError, match="not the known file"):
        assets.asset_path("toy")


def test_asset_path_of_a_missing_file_says_how_to_mend_it(package: Path) -> None:
    (package / "model" / "weights.bin").unlink()
    with pytest.raises(AssetError, match="make venv"):
        assets.asset_path("toy")


@pytest.mark.usefixtures("package")
def test_asset_path_of_a_package_that_is_not_installed_says_make_venv() -> None:
    with pytest.raises(AssetError, match=r"'absent' is not installed \(package no_such_package\): run `make venv`"):
        assets.asset_path("absent")


def test_asset_path_of_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AssetError, match=r"there are all-MiniLM-L6-v2, .*movie-reviews, smollm2-135m-instruct"):
        assets.asset_path("bert-base-uncased")


def test_find_asset_of_an_unknown_name_is_none() -> None:
    assert assets.find_asset("bert-base-uncased") is None


@pytest.mark.usefixtures("package")
def test_find_asset_of_a_known_but_missing_asset_raises_as_asset_path_does() -> None:
    with pytest.raises(AssetError, match="make venv"):
        assets.find_asset("absent")


def test_every_shipped_asset_comes_from_a_pinned_package() -> None:
    pinned = (DATA / "assets.txt").read_text(encoding="utf-8")
    for asset in assets.read_assets(DATA / "assets.toml").values():
        assert f"{asset.package.replace('_', '-')}==" in pinned
        assert asset.files
        assert all(len(digest) == 64 for digest in asset.files.values())
