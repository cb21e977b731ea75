"""Attacks for searches at the same time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent
from textattack import Attack

from bsm_core.perturb.broker import Spending
from bsm_core.perturb.search import Search

_CONSTRAINT_CACHE = 2**10
"""Texts TextAttack remembers constraints of, for one search. Its own 2**15 are gigabytes on long texts, and a greedy
search asks about a text once."""


class AttackPool:
    """Copies of ``prototype``. What holds an example's state (goal function, search method, caches) is each copy's
    own; what is large (transformation and constraints, with their embeddings) is one for all."""

    def __init__(self, prototype: Attack, queries: int | None, spending: Spending) -> None:
        self._prototype = prototype
        self._queries = float("inf") if queries is None else queries
        self._idle: list[Attack] = []
        for constraint in prototype.constraints:
            constraint.call_many = _timed(constraint.call_many, spending)

    def take(self) -> Attack:
        """An attack that knows nothing of other examples."""
        return self._idle.pop() if self._idle else self._cleared(self._copy())

    def give_back(self, attack: Attack) -> None:
        self._idle.append(self._cleared(attack))

    def _cleared(self, attack: Attack) -> Attack:
        # Left over from an example that was skipped or failed: cached answers would make its successor cheaper.
        attack.clear_cache()
        attack.goal_function.num_queries = 0
        return attack

    def _copy(self) -> Attack:
        one = self._prototype
        goal = copy.copy(one.goal_function)  # a goal function comes out of it with an empty cache of its own
        goal.query_budget = self._queries
        return Attack(
            goal,
            [*one.pre_transformation_constraints, *one.constraints],
            one.transformation,
            copy.copy(one.search_method),
            constraint_cache_size=_CONSTRAINT_CACHE,
        )


def _timed(call_many: Callable[..., Any], spending: Spending) -> Callable[..., Any]:
    """The same, adding up what it takes of its search's own time."""

    def timed(*arguments: Any) -> Any:
        search = getcurrent()
        if not isinstance(search, Search):
            return call_many(*arguments)
        before = search.clock()
        found = call_many(*arguments)
        spending.constraints += search.clock() - before
        return found

    return timed
