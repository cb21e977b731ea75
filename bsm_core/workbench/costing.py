"""What an hour of people's work costs, as the user sets it."""

from __future__ import annotations

from bsm_core.domain.costs import PayRate
from bsm_core.errors import ConfigError
from bsm_core.ports import Store
from bsm_core.workflow.costs import RATE_EVENT, pay_rate


class Costing:
    """``Workbench.costing``. A study has no rate until somebody sets one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rate(self, study_id: str) -> PayRate | None:
        return pay_rate(self._store, study_id)

    def set_rate(self, study_id: str, per_hour: float, currency: str) -> None:
        """A rate of 0 takes it away again. Raises ConfigError for an impossible one."""
        if per_hour == 0:
            self._store.record(study_id, RATE_EVENT, {"per_hour": 0.0, "currency": ""})
            return
        try:
            rate = PayRate(per_hour, currency.strip().upper())
        except ValueError as error:
            raise ConfigError(str(error)) from error
        self._store.record(study_id, RATE_EVENT, {"per_hour": rate.per_hour, "currency": rate.currency})
