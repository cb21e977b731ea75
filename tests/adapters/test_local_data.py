"""A task's own files, as MRPC and GLUE publish them and as anybody may bring them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bsm_core.config import StudyConfig, load_preset
from bsm_core.domain.tasks import Split
from bsm_core.errors import TaskError
from bsm_core.tasks import sources
from bsm_core.tasks.loading import build_dataset, load_dataset, load_task
from bsm_core.tasks.sources import ON_THE_HUB, dataset_rows

MRPC_HEAD = "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"


def mrpc_rows(count: int, part: str) -> str:
    rows = [f'{n % 2}\t{n}\t{n + 1}\tHe said "{part} {n}\tThe {part} number {n}." he said' for n in range(count)]
    return MRPC_HEAD + "\r\n".join(rows) + "\r\n"


def qnli_rows(count: int, part: str, label: bool = True) -> str:
    names = ("entailment", "not_entailment")
    rows = [f'{n}\tWhat is {part} {n}?\tIt is "{n}".' + (f"\t{names[n % 2]}" if label else "") for n in range(count)]
    return "\n".join(["index\tquestion\tsentence" + ("\tlabel" if label else ""), *rows])


def config(task: str, data: Path, train: int = 0, validation: int = 0, test: int = 0) -> StudyConfig:
    return StudyConfig("x", task, train, validation, test, data=str(data))


def sizes(config: StudyConfig) -> list[int]:
    dataset = load_dataset(config)
    return [len(dataset.of(split)) for split in Split]


def test_mrpc_files_split_as_glue_splits_them(tmp_path: Path) -> None:
    (tmp_path / "msr_paraphrase_train.txt").write_text(mrpc_rows(40, "train"), encoding="utf-8")
    (tmp_path / "msr_paraphrase_test.txt").write_text(mrpc_rows(20, "test"), encoding="utf-8")
    dataset = load_dataset(config("mrpc", tmp_path, validation=8))
    assert [len(dataset.of(split)) for split in Split] == [32, 8, 20]
    assert all(" test " in example.text[1] for example in dataset.of(Split.TEST))
    assert not any(" test " in example.text[1] for example in dataset.of(Split.VALIDATION))
    text = next(example.text for example in dataset.examples if "train 7" in example.text[0])
    assert text == ('He said "train 7', 'The train number 7." he said')


def test_paper_preset_of_mrpc_asks_for_glue_s_validation_size() -> None:
    assert load_preset("paper-mrpc").validation_size == 408


def test_qnli_without_test_labels_divides_its_held_out_pairs(tmp_path: Path) -> None:
    for stem, count in (("train", 30), ("dev", 10)):
        (tmp_path / f"{stem}.tsv").write_text(qnli_rows(count, stem), encoding="utf-8")
    (tmp_path / "test.tsv").write_text(qnli_rows(10, "test", label=False), encoding="utf-8")
    assert sizes(config("qnli", tmp_path)) == [30, 5, 5]
    (tmp_path / "test.tsv").write_text(qnli_rows(12, "test"), encoding="utf-8")
    assert sizes(config("qnli", tmp_path)) == [30, 10, 12]


@pytest.mark.parametrize("as_folder", [True, False])
def test_one_file_alone_is_split_three_ways(tmp_path: Path, as_folder: bool) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text(qnli_rows(40, "dev"), encoding="utf-8")
    data = tmp_path if as_folder else path
    assert sizes(config("qnli", data, train=20, validation=10)) == [20, 10, 10]
    assert load_dataset(config("qnli", data)).data_hash == load_dataset(config("qnli", data)).data_hash


def test_any_task_reads_json_lines_with_its_own_columns(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"film {n}", "label": "positive" if n % 2 else 0}) for n in range(12)]
    (tmp_path / "reviews.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert sizes(config("imdb", tmp_path / "reviews.jsonl")) == [4, 4, 4]


def test_files_go_before_the_hub_and_the_package(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("text,label\na,0\nb,1\nc,0\n", encoding="utf-8")
    dataset = load_dataset(config("rotten_tomatoes", tmp_path / "all.csv"))
    assert {example.text[0] for example in dataset.examples} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, r"none of the files train\.\*"),
        ({"dev.tsv": "question\tsentence\tlabel\nq\ts\tyes\n"}, r"dev\.tsv, row 2, column 'label': 'yes' is no label"),
        ({"dev.tsv": "question\tanswer\tlabel\nq\ts\t0\n"}, r"the columns answer, label, question; the task 'qnli' n"),
        ({"dev.tsv": "question\tsentence\nq\ts\n"}, "dev.tsv has the columns question, sentence"),
        ({"dev.tsv": qnli_rows(3, "dev"), "test.tsv": qnli_rows(3, "test")}, "has no file train"),
        ({"dev.tsv": qnli_rows(3, "dev"), "dev.csv": "x"}, r"both dev\.csv and dev\.tsv for validation"),
    ],
)
def test_folder_with_a_fault_is_refused_by_file(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    for name, body in files.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    with pytest.raises(TaskError, match=complaint):
        load_dataset(config("qnli", tmp_path))


def test_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="no file or folder"):
        load_dataset(config("qnli", tmp_path / "gone"))


def test_pair_task_without_files_and_without_the_hub_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(TaskError, match=r"nyu-mll/glue was asked for, .*`--data`"):
        load_dataset(load_preset("qnli"))


def test_hidden_labels_of_the_hub_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "glue"
    folder.mkdir()
    for part, count in (("train", 12), ("validation", 6), ("test", 6)):
        label = (lambda _: -1) if part == "test" else (lambda n: n % 2)
        rows = [{"question": f"{part} {n}?", "sentence": f"{n}.", "label": label(n)} for n in range(count)]
        (folder / f"{part}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    qnli = sources.HubData(str(folder), None, ON_THE_HUB["qnli"].fields, ON_THE_HUB["qnli"].parts)
    dataset = build_dataset(load_task("qnli"), dataset_rows(folder, qnli), StudyConfig("x", "qnli", 0, 0, 0))
    assert [len(dataset.of(split)) for split in Split] == [12, 3, 3]
