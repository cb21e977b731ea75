"""The measured comparisons, and the pictures of the README: run from the command line, never by a timed test."""
