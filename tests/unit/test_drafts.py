from pathlib import Path
from zipfile import ZipFile

import pytest

from bsm_core.errors import StoreError
from bsm_core.report.drafts import MARK, size_told, write_file, write_folder, zip_folder


def fill(draft: Path) -> None:
    (draft / "a.txt").write_text("new")


def broken(draft: Path) -> None:
    (draft / "a.txt").write_text("half")
    raise OSError(28, "No space left on device")


def test_a_folder_is_written_whole_with_its_mark(tmp_path: Path) -> None:
    size = write_folder(tmp_path / "out", fill, {"export": "tables"}, force=False)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.txt", MARK}
    assert size == sum(path.stat().st_size for path in (tmp_path / "out").iterdir())


def test_a_full_disk_leaves_nothing_half_and_the_earlier_export_alone(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", fill, {}, force=False)
    with pytest.raises(StoreError, match="No space left"):
        write_folder(tmp_path / "out", broken, {}, force=True)
    assert (tmp_path / "out" / "a.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_nothing_is_overwritten_unasked_and_only_an_export_when_asked(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "thesis.tex").write_text("years of work")
    with pytest.raises(StoreError, match="is there already"):
        write_folder(own, fill, {}, force=False)
    with pytest.raises(StoreError, match="no earlier export"):
        write_folder(own, fill, {}, force=True)
    assert (own / "thesis.tex").exists()
    write_folder(tmp_path / "out", fill, {}, force=False)
    (tmp_path / "out" / "stale.txt").write_text("old")
    write_folder(tmp_path / "out", fill, {}, force=True)
    assert not (tmp_path / "out" / "stale.txt").exists()


def test_a_file_is_replaced_only_with_force_and_is_never_half(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.html"
    assert write_file(target, lambda draft: draft.write_text("one") and None, force=False) == 3
    with pytest.raises(StoreError, match="--force"):
        write_file(target, lambda draft: draft.write_text("two") and None, force=False)

    def breaks(draft: Path) -> None:
        draft.write_text("half")
        raise PermissionError(13, "Permission denied")

    with pytest.raises(StoreError, match="Permission denied"):
        write_file(target, breaks, force=True)
    assert target.read_text() == "one"
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def test_a_zip_has_one_folder_in_it(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", fill, {}, force=False)
    zip_folder(tmp_path / "out", tmp_path / "out.zip", "tables")
    with ZipFile(tmp_path / "out.zip") as packed:
        assert packed.namelist() == ["tables/a.txt", f"tables/{MARK}"]


@pytest.mark.parametrize(
    ("size", "told"), [(812, "812 bytes"), (14_240, "14.2 kB"), (90_868_376, "90.9 MB"), (2_500_000_000, "2.5 GB")]
)
def test_sizes_in_words(size: int, told: str) -> None:
    assert size_told(size) == told
