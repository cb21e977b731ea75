"""The gates as a study has them: their settings, what they said, and a human's word against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from bsm_core.config import GateConfig
from bsm_core.domain.synthesis import Check, CheckName, Overrule
from bsm_core.errors import ConfigError, NotFoundError
from bsm_core.ports import SimilarityScale, Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.gate import SCALE_EVENT
from bsm_core.workflow.gate_rules import GATES_EVENT


class Gating:
    """``Workbench.gating``."""

    def __init__(self, store: Store, launch: Launcher) -> None:
        self._store = store
        self._launch = launch

    def config(self, study_id: str) -> GateConfig:
        return self._launch.config(study_id).gates

    def set_config(self, study_id: str, values: Mapping[str, Any]) -> GateConfig:
        """Settings for all checks from now on; those named in ``values``, the others stay. What was found under the
        old ones stays on record. Raises ConfigError with the setting, its value and the remedy."""
        wanted = GateConfig.from_dict({**self.config(study_id).to_dict(), **values})
        if wanted != self.config(study_id):
            self._store.record(study_id, GATES_EVENT, wanted.to_dict())
        return wanted

    def outdated(self, study_id: str) -> int:
        """Current samples that were checked under other settings than the present ones."""
        return len(self._store.gates.outdated(study_id, self.config(study_id).fingerprint))

    def check_again(self, study_id: str) -> str | None:
        """Check those anew; returns the job's id, None when there are none."""
        return self._launch.gate(study_id, self._store.gates.outdated(study_id, self.config(study_id).fingerprint))

    def overrule(self, sample_id: str, name: CheckName, reason: str, reviewer: str) -> None:
        """Turn a gate's verdict into its opposite. Raises ConfigError without a reason, NotFoundError for a gate that
        has not looked at the sample."""
        check = self._check(sample_id, name)
        if not reason.strip():
            raise ConfigError(f"no reason was given to overrule the gate {name.value!r}; say why it is mistaken")
        if check.is_overruled:
            raise ConfigError(f"the gate {name.value!r} is overruled already; take that back first")
        self._say(sample_id, name, not check.passed, reason, reviewer)

    def take_back(self, sample_id: str, name: CheckName, reviewer: str) -> None:
        """The gate's own verdict counts again."""
        if not self._check(sample_id, name).is_overruled:
            raise ConfigError(f"the gate {name.value!r} is not overruled; there is nothing to take back")
        self._say(sample_id, name, None, "", reviewer)

    def earlier(self, sample_id: str) -> list[Check]:
        """Verdicts that later ones have taken the place of, newest first."""
        present = {(check.name, check.created_at) for check in self._store.samples.get(sample_id).checks}
        return [one for one in self._store.gates.history(sample_id) if (one.name, one.created_at) not in present]

    def scale(self, study_id: str) -> SimilarityScale | None:
        """What the similarity of the last check meant; None before the first."""
        event = self._store.latest(study_id, SCALE_EVENT)
        if event is None:
            return None
        known = {item.name for item in fields(SimilarityScale)}
        return SimilarityScale(**{name: _frozen(value) for name, value in event.items() if name in known})  # type: ignore[arg-type]

    def _check(self, sample_id: str, name: CheckName) -> Check:
        for check in self._store.samples.get(sample_id).checks:
            if check.name is name:
                return check
        raise NotFoundError(f"the gate {name.value!r} has not looked at sample {sample_id!r}; check it first")

    def _say(self, sample_id: str, name: CheckName, passes: bool | None, reason: str, reviewer: str) -> None:
        self._store.gates.overrule([Overrule(sample_id, name, passes, reviewer, reason.strip(), datetime.now(UTC))])


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
