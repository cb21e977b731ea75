"""Named queries: every one is valid SQL, and includes are filled in at any depth."""

from __future__ import annotations

import pytest

from bsm_core.store import DuckStore
from bsm_core.store.sql import FOLDER, Queries, parameters, pick

CONCEPTS = sorted(path.stem for path in FOLDER.glob("*.sql"))


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_query_binds_to_the_schema(store: DuckStore, concept: str) -> None:
    queries = Queries(concept)
    for name in queries.names():
        sql = queries[name]
        if "incoming" in sql or "INSERT" in sql or sql.startswith("CREATE"):
            continue  # needs the table that comes with a result, or a writer; test_ingest.py runs these
        if name in ("searched", "with_texts"):
            continue  # parts of others: test_unknown_pages.py runs them
        store._database.rows(f"EXPLAIN {sql.rstrip(';')}", dict.fromkeys(parameters(sql)))


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_include_is_filled_in(concept: str) -> None:
    queries = Queries(concept)
    assert queries.names()
    assert not [name for name in queries.names() if "include:" in queries[name]]


def test_stand_in_replaces_an_include_at_any_depth_and_may_include_it_itself() -> None:
    queries = Queries("unknowns")
    for name in ("page", "tally", "position", "histogram"):
        both = queries.get(name, wrong="searched", chosen="judged")
        assert "hits" not in queries[name]
        assert "hits" in both
        assert "$verdict" not in queries[name]
        assert "$verdict" in both
        assert both.count("wrong_answers") == queries[name].count("wrong_answers")


def test_pick_takes_what_the_query_names() -> None:
    assert pick("SELECT $a, $b_2", {"a": 1, "b_2": 2, "c": 3}) == {"a": 1, "b_2": 2}
    with pytest.raises(KeyError):
        pick("SELECT $a", {})
