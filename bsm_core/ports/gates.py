"""What is kept of the gates beside each sample's present verdicts: earlier ones, and the words against them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bsm_core.domain.synthesis import Check, CheckName, Overrule, SyntheticSample


class Gates(Protocol):
    """The latest verdicts, overruled where they are, come with the samples (``Samples``)."""

    def overrule(self, overrules: Iterable[Overrule]) -> None:
        """All in one transaction. Nothing is taken away: the verdicts stay on record."""
        ...

    def overrules(self, sample_id: str) -> list[Overrule]:
        """Every human's word on its verdicts, newest first, those taken back as well."""
        ...

    def history(self, sample_id: str) -> list[Check]:
        """Every verdict there ever was on it, newest first, without the words against them."""
        ...

    def outdated(self, study_id: str, rules: str) -> list[SyntheticSample]:
        """Current samples whose latest verdicts were made by other settings than ``rules`` (GateConfig.fingerprint)."""
        ...

    def values(self, study_id: str, name: CheckName) -> list[float]:
        """What the gate measured on the current samples, oldest first."""
        ...
