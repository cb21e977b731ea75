"""A task's rows from files of the user's own: a folder with its parts, or one file with all of it.

Known are the files in which MRPC and GLUE come, and for every task files named after their part (``train``,
``validation`` or ``dev``, ``test``) whose columns are the task's text fields and ``label``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bsm_core.domain.tasks import Split, Task
from bsm_core.errors import TaskError
from bsm_core.tasks.sources import HIDDEN_LABEL, SourceRow
from bsm_core.workflow.file_rows import MAX_BYTES, SUFFIXES, FileRow, label_cell, read_rows, text_cell


@dataclass(frozen=True, slots=True)
class _Columns:
    texts: tuple[str, ...]
    label: str


_OWN_COLUMNS = {"mrpc": _Columns(("#1 String", "#2 String"), "Quality")}
"""Tasks whose official files name their columns otherwise than the task does."""

_STEMS = {
    "train": Split.TRAIN,
    "msr_paraphrase_train": Split.TRAIN,
    "dev": Split.VALIDATION,
    "validation": Split.VALIDATION,
    "test": Split.TEST,
    "msr_paraphrase_test": Split.TEST,
}


def local_rows(task: Task, location: Path) -> Iterator[SourceRow]:
    """Rows of the task's files in the folder ``location``, or of the one file ``location``.

    A single file is undivided, and is split three ways by seed. A test file without labels (GLUE's) is passed over.
    Raises TaskError with the file, the row and the column at fault.
    """
    files = _files(location)
    read = [(part, path, _read(path)) for part, path in files]
    labelled = [
        (part, path, rows, columns)
        for part, path, rows in read
        if (columns := _columns(task, path, rows, may_lack_label=part is Split.TEST and len(files) > 1))
    ]
    if Split.TRAIN not in [part for part, *_ in labelled] and len(labelled) > 1:
        raise TaskError(f"{location} has no file train: there is nothing to learn from")
    for part, path, rows, columns in labelled:
        for row in rows:
            found = _source_row(task, path.name, row, columns, None if len(labelled) == 1 else part)
            if found is not None:
                yield found


def _files(location: Path) -> list[tuple[Split | None, Path]]:
    if location.is_file():
        return [(None, location)]
    if not location.is_dir():
        raise TaskError(f"there is no file or folder {location}; give the path of the task's own files")
    found: dict[Split, Path] = {}
    for path in sorted(location.iterdir()):
        part = _STEMS.get(path.stem)
        if part is None or path.suffix.removeprefix(".") not in SUFFIXES:
            continue
        if part in found:
            raise TaskError(f"{location} has both {found[part].name} and {path.name} for {part}; leave one there")
        found[part] = path
    if not found:
        names = ", ".join(f"{stem}.*" for stem in _STEMS)
        raise TaskError(f"{location} has none of the files {names} (with an ending {', '.join(SUFFIXES)})")
    return [(part, found[part]) for part in Split if part in found]


def _read(path: Path) -> list[FileRow]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TaskError(f"{path} has {path.stat().st_size:,} bytes; {MAX_BYTES:,} are the most: split it")
        content = path.read_bytes()
    except OSError as error:
        raise TaskError(f"{path} cannot be read: {error.strerror}") from error
    return read_rows(path.name, content)


def _columns(task: Task, path: Path, rows: Sequence[FileRow], *, may_lack_label: bool) -> _Columns | None:
    """Which columns hold the texts and the label; None for a file that may lack labels, and does."""
    there = set(rows[0].values)
    known = [_Columns(task.text_fields, "label")]
    if task.name in _OWN_COLUMNS:
        known.append(_OWN_COLUMNS[task.name])
    for columns in known:
        if there >= set(columns.texts):
            if columns.label in there:
                return columns
            if may_lack_label:
                return None
    wanted = " or ".join(", ".join((*columns.texts, columns.label)) for columns in known)
    raise TaskError(f"{path.name} has the columns {', '.join(sorted(there))}; the task {task.name!r} needs {wanted}")


def _source_row(task: Task, name: str, row: FileRow, columns: _Columns, part: Split | None) -> SourceRow | None:
    if part is Split.TEST and row.values.get(columns.label) in (HIDDEN_LABEL, str(HIDDEN_LABEL)):
        return None
    text = tuple(text_cell(name, row, column) for column in columns.texts)
    return SourceRow(text, label_cell(name, row, columns.label, task.label_names), part)
