"""One checkpoint a run, after every epoch, without pickle: tensors as safetensors, the rest as JSON.

No random state is kept: every epoch seeds its own from (seed, epoch).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, load_model, save_file, save_model
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from bsm_core.errors import ClassifierError

_PREFIX = "epoch-"
_STATE, _MODEL, _OPTIMIZER = "state.json", "model.safetensors", "optimizer.safetensors"


@dataclass(frozen=True, slots=True)
class EpochResult:
    """``loss`` is the mean over the epoch's rows, ``accuracy`` that on validation."""

    epoch: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingState:
    """How far a run is: ``step`` optimizer steps, ``seconds`` of work, and its finished epochs."""

    step: int = 0
    seconds: float = 0.0
    epochs: tuple[EpochResult, ...] = ()


class Checkpoints:
    """The checkpoint of one run in ``folder``. ``fingerprint`` stands for the run's arguments: a checkpoint of
    other arguments is not used."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint

    def save(self, state: TrainingState, model: torch.nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> None:
        """Replace the former checkpoint; a kill at any moment leaves the former or the new one whole.

        Raises ClassifierError when the disk refuses; the former checkpoint stays.
        """
        target = self._folder / f"{_PREFIX}{len(state.epochs):04d}"
        draft = self._folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        with writable(draft):
            draft.mkdir(parents=True)
            _save_weights(model, draft / _MODEL)
            save_file(_optimizer_tensors(optimizer), draft / _OPTIMIZER)
            body = {"fingerprint": self._fingerprint, "state": asdict(state), "scheduler": scheduler.state_dict()}
            (draft / _STATE).write_text(json.dumps(body), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
        for other in self._all():
            if other != target:
                shutil.rmtree(other)

    def find(self) -> Path | None:
        """The newest checkpoint of these arguments; one that cannot be read is passed over."""
        for folder in reversed(self._all()):
            try:
                if _read_state(folder)["fingerprint"] == self._fingerprint:
                    return folder
            except (OSError, ValueError, KeyError):
                continue  # a crash of the machine, not of the worker, can leave an empty file
        return None

    def clear(self) -> None:
        """Drop what earlier runs with other arguments left."""
        for folder in self._all():
            shutil.rmtree(folder)

    def restore(
        self, folder: Path, model: torch.nn.Module, optimizer: Optimizer, scheduler: LRScheduler
    ) -> TrainingState:
        """Put everything back as it was after the checkpoint's epoch."""
        body = _read_state(folder)
        _load_weights(model, folder / _MODEL)
        optimizer.load_state_dict(
            {
                "state": _optimizer_state(load_file(folder / _OPTIMIZER)),
                "param_groups": optimizer.state_dict()["param_groups"],
            }
        )
        scheduler.load_state_dict(body["scheduler"])
        for group, rate in zip(optimizer.param_groups, scheduler.get_last_lr(), strict=True):
            group["lr"] = rate
        state = body["state"]
        return TrainingState(state["step"], state["seconds"], tuple(EpochResult(**one) for one in state["epochs"]))

    def _all(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_PREFIX}*"))


@contextmanager
def writable(target: Path) -> Iterator[None]:
    """Turn a refusal of the disk into a ClassifierError with the free space; the draft is removed."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        shutil.rmtree(target, ignore_errors=True)
        free = shutil.disk_usage(target.parent if target.parent.exists() else "/").free // 2**20
        raise ClassifierError(
            f"cannot write the model to {target}: {error} ({free} MiB free). Make room and resume; "
            "training goes on after the last finished epoch"
        ) from error


def _save_weights(model: torch.nn.Module, path: Path) -> None:
    learned = _learned(model)
    if learned is None:
        save_model(model, str(path))
    else:
        save_file({name: value.detach().contiguous() for name, value in learned.items()}, path)


def _load_weights(model: torch.nn.Module, path: Path) -> None:
    device = str(next(model.parameters()).device)
    learned = _learned(model)
    if learned is None:
        load_model(model, path, device=device)
        return
    kept = load_file(path, device=device)
    with torch.no_grad():
        for name, parameter in learned.items():
            parameter.copy_(kept[name])


def _learned(model: torch.nn.Module) -> dict[str, torch.nn.Parameter] | None:
    """By name, where a part of the model does not learn (it is the foundation's, and is found again); None: all do."""
    parameters = dict(model.named_parameters())
    learned = {name: one for name, one in parameters.items() if one.requires_grad}
    return learned if len(learned) < len(parameters) else None


def _read_state(folder: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    return body


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, torch.Tensor]:
    return {
        f"{index}.{name}": value.contiguous()
        for index, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def _optimizer_state(tensors: dict[str, torch.Tensor]) -> dict[int, dict[str, torch.Tensor]]:
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    return state
