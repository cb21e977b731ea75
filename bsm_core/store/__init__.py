"""The workspace's memory: one DuckDB file, owned by one process. The only importer of duckdb."""

from bsm_core.store.duck import DuckStore, open_store

__all__ = ["DuckStore", "open_store"]
