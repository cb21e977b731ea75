"""What is wrong with a file that cannot be read, in one line."""

from __future__ import annotations

from pydantic import ValidationError


def what_is_wrong(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else first["msg"]
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
