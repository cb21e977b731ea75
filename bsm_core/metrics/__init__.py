"""Pure functions over arrays: what is counted, and how sure one can be of it."""
