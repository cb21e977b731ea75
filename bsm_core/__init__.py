"""Blind Spot Workbench: find where a text classifier is confidently wrong, and mend it."""
