"""The command refuses what a new study cannot have before it makes one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import Settings, TeacherConfig, load_preset
from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import Start
from bsm_core.errors import ConfigError
from bsm_core.headless.experiment import Asked, check_new, run_experiment

ASKED = Asked("", (Arm.RELABEL, Arm.ADVERSARIAL), (0, 1), (), Start.CONTINUE, None, None, None)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"replay": "set-1"}, "--replay set-1 .* --study"),
        ({"original": "m-1"}, "--original m-1 .* --study"),
        ({"arms": (Arm.RELABEL, Arm.HYPOTHESIS_LM)}, "HYPOTHESIS_LM would have no samples"),
        ({"arms": (Arm.HYPOTHESIS_HUMAN,)}, "HYPOTHESIS_HUMAN would have no samples"),
    ],
)
def test_impossible_new_study_is_refused_before_a_workspace_is_made(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    settings = Settings(tmp_path / "workspace")
    with pytest.raises(ConfigError, match=problem):
        run_experiment(
            settings, load_preset("smoke"), replace(ASKED, **changes), study_id=None, resume=False, json_path=None
        )
    assert not settings.workspace.exists()


def test_what_a_new_study_can_have_passes(tmp_path: Path) -> None:
    endpoint = TeacherConfig("http://127.0.0.1:9/v1", "big")
    check_new(Settings(tmp_path), load_preset("smoke"), replace(ASKED, arms=(Arm.HYPOTHESIS_AUTHORS, *ASKED.arms)))
    check_new(Settings(tmp_path, endpoint), load_preset("smoke"), replace(ASKED, arms=(Arm.HYPOTHESIS_LM,)))
