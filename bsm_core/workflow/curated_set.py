"""Hypotheses and samples from a file: the set that ships in ``data/curated``, or anybody's of the same form.

The file is JSON with two lists. ``hypotheses``: key, kind, text, and optionally parent (a key), pattern, reasoning,
agent, sources (example ids). ``samples``: hypothesis (a key), label, a column for each text field of the task, and
optionally reasoning, agent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.config import DATA
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import NotFoundError, TaskError
from bsm_core.workflow.file_rows import FileRow, fault, label_cell, read_rows, text_cell
from bsm_core.workflow.specs import new_id

_SECTIONS = ("hypotheses", "samples")
_AGENTS = tuple(agent for agent in Agent if agent is not Agent.RULE)

ItemsOf = Callable[[str], Sequence[str]]
"""The ids of a study's UUs that stem from an example, by its id."""


@dataclass(frozen=True, slots=True)
class CuratedSet:
    """What a file adds to a study. ``known`` counts what the study had already; ``strays`` the new
    hypotheses none of whose sources is a UU of the study's classifier."""

    hypotheses: tuple[Hypothesis, ...]
    samples: tuple[SyntheticSample, ...]
    known: int
    strays: int


def shipped(task: Task) -> tuple[str, bytes]:
    """Name and content of the set that ships for a task. Raises NotFoundError when there is none."""
    path = DATA / "curated" / f"{task.name}.json"
    if not path.exists():
        raise NotFoundError(f"no curated set ships for {task.title}; bring a file of your own")
    return path.name, path.read_bytes()


def read(
    name: str,
    content: bytes,
    study_id: str,
    task: Task,
    items_of: ItemsOf,
    hypotheses: Sequence[Hypothesis],
    samples: Collection[Text],
) -> CuratedSet:
    """New hypotheses and samples for a study that has ``hypotheses`` and ``samples`` already.

    Raises TaskError with the row and the column at fault; then nothing is taken.
    """
    rows = read_rows(name, content)
    for row in rows:
        if row.section not in _SECTIONS:
            raise TaskError(f"{name}: the list {row.section!r} is not expected; use {' and '.join(_SECTIONS)}")
    claims = [row for row in rows if row.section == "hypotheses"]
    keys = _keys(name, claims)
    own = {(one.kind, one.agent, one.text): one.hypothesis_id for one in hypotheses}
    ids = {key: own.get(_identity(name, row), "") or new_id("h") for key, row in keys.items()}
    made, strays = [], 0
    for key, row in keys.items():
        hypothesis = _hypothesis(name, row, ids[key], ids, keys, study_id, items_of)
        if hypothesis.hypothesis_id not in own.values():
            made.append(hypothesis)
            strays += bool(row.values.get("sources")) and not hypothesis.source_item_ids
    texts, written = set(samples), []
    for row in rows:
        if row.section == "samples":
            sample = _sample(name, row, ids, study_id, task)
            if sample.text not in texts:
                written.append(sample)
                texts.add(sample.text)
    known = len(rows) - len(made) - len(written)
    return CuratedSet(tuple(made), tuple(written), known, strays)


def _keys(name: str, rows: Sequence[FileRow]) -> dict[str, FileRow]:
    keys: dict[str, FileRow] = {}
    for row in rows:
        key = _required(name, row, "key")
        if key in keys:
            raise fault(name, row, "key", f"{key!r} names two hypotheses; each needs a key of its own")
        keys[key] = row
    return keys


def _identity(name: str, row: FileRow) -> tuple[HypothesisKind, Agent, str]:
    return _kind(name, row), _agent(name, row), _required(name, row, "text")


def _hypothesis(
    name: str,
    row: FileRow,
    hypothesis_id: str,
    ids: Mapping[str, str],
    keys: Mapping[str, FileRow],
    study_id: str,
    items_of: ItemsOf,
) -> Hypothesis:
    kind = _kind(name, row)
    parent = _optional(name, row, "parent")
    if kind is HypothesisKind.EXTRAPOLATION:
        if parent not in keys or _kind(name, keys[parent]) is not HypothesisKind.ABSTRACTION:
            raise fault(name, row, "parent", f"{parent!r} is no abstraction of this file; name the one it starts from")
    elif parent:
        raise fault(name, row, "parent", "an abstraction has no parent; leave it out, or say kind extrapolation")
    sources = row.values.get("sources") or []
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise fault(name, row, "sources", "this is no list of example ids")
    return Hypothesis(
        hypothesis_id=hypothesis_id,
        study_id=study_id,
        kind=kind,
        agent=_agent(name, row),
        text=_required(name, row, "text"),
        reasoning=_optional(name, row, "reasoning"),
        source_item_ids=tuple(item for source in sources for item in items_of(source)),
        parent_hypothesis_id=ids[parent] if parent else None,
        revises_id=None,
        call_id=None,
        pattern=_optional(name, row, "pattern") or None,
        created_at=datetime.now(UTC),
    )


def _sample(name: str, row: FileRow, ids: Mapping[str, str], study_id: str, task: Task) -> SyntheticSample:
    key = _required(name, row, "hypothesis")
    if key not in ids:
        raise fault(name, row, "hypothesis", f"no hypothesis of this file has the key {key!r}")
    return SyntheticSample(
        sample_id=new_id("s"),
        study_id=study_id,
        hypothesis_id=ids[key],
        text=tuple(_required(name, row, field) for field in task.text_fields),
        label=label_cell(name, row, "label", task.label_names),
        agent=_agent(name, row),
        reasoning=_optional(name, row, "reasoning"),
        call_id=None,
        revises_id=None,
        created_at=datetime.now(UTC),
    )


def _kind(name: str, row: FileRow) -> HypothesisKind:
    value = _required(name, row, "kind")
    if value not in list(HypothesisKind):
        raise fault(name, row, "kind", f"{value[:40]!r} is no kind; use {' or '.join(HypothesisKind)}")
    return HypothesisKind(value)


def _agent(name: str, row: FileRow) -> Agent:
    """HUMAN unless the row says otherwise. RULE is for what this workbench's own code made."""
    value = _optional(name, row, "agent") or Agent.HUMAN
    if value not in _AGENTS:
        raise fault(name, row, "agent", f"{value[:40]!r} is no agent; use {', '.join(_AGENTS)}")
    return Agent(value)


def _required(name: str, row: FileRow, column: str) -> str:
    value = text_cell(name, row, column).strip()
    if not value:
        raise fault(name, row, column, "there is no value; write one")
    return value


def _optional(name: str, row: FileRow, column: str) -> str:
    return text_cell(name, row, column).strip() if row.values.get(column) is not None else ""
