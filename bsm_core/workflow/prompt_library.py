"""The versions of the prompt templates: what ships, and what was edited in this workspace. Append-only files."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bsm_core.errors import ConfigError, NotFoundError
from bsm_core.workflow.templates import PROMPTS, Template, content_hash, read_template

EDITABLE = ("abstraction", "abstraction_natural", "extrapolation", "generation", "label_check", "label_blind")
"""The others are made for the embedded model's own ways, or say nothing."""
MOST_CHARACTERS = 50_000
"""Of a template's file."""


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """``number`` 0 is what ships. ``key`` names it among all versions of its template."""

    name: str
    number: int
    key: str
    content: str

    @property
    def template(self) -> Template:
        return read_template(self.content.encode(), f"{self.name} {self.key}")


class PromptLibrary:
    """``<folder>/<template>/0001-<hash>.toml`` and so on; the newest is in use. Safe to use from several threads."""

    def __init__(self, folder: Path, shipped: Path = PROMPTS) -> None:
        self._folder = folder
        self._shipped = shipped
        self._lock = threading.Lock()

    def versions(self, name: str) -> list[TemplateVersion]:
        """Oldest first: what ships, then the edits."""
        paths = sorted((self._folder / name).glob("[0-9]*.toml"))
        own = [self._read(name, number, path) for number, path in enumerate(paths, 1)]
        return [self._read(name, 0, self._shipped / f"{name}.toml"), *own]

    def version(self, name: str, key: str) -> TemplateVersion:
        """Raises NotFoundError."""
        for one in self.versions(name):
            if one.key == key:
                return one
        raise NotFoundError(f"there is no version {key!r} of the prompt template {name!r}")

    def newest(self, name: str) -> TemplateVersion:
        return self.versions(name)[-1]

    def current(self, name: str) -> Template:
        """The version in use; a ``LoadTemplate``."""
        return self.newest(name).template

    def contents(self, names: Sequence[str]) -> dict[str, str]:
        """The files in use, by name: what a job is given, so that an edit meanwhile does not change it."""
        return {name: self.newest(name).content for name in names}

    def save(self, name: str, content: str) -> TemplateVersion:
        """Append a version, which is then in use. Raises ConfigError for an impossible template, and when it is no
        different from the version in use."""
        if name not in EDITABLE:
            raise ConfigError(f"the prompt template {name!r} cannot be edited; these can: {', '.join(EDITABLE)}")
        check(name, content, self.versions(name)[0].template)
        with self._lock:
            before = self.versions(name)
            if content == before[-1].content:
                raise ConfigError("nothing was changed, so there is no new version")
            key = f"{len(before):04d}-{content_hash(content.encode())}"
            path = self._folder / name / f"{key}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".tmp")
            draft.write_text(content, encoding="utf-8")
            draft.replace(path)
        return self.version(name, key)

    def _read(self, name: str, number: int, path: Path) -> TemplateVersion:
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the prompt template {path} cannot be read ({error}); mend or delete it") from error
        key = path.stem if number else f"0000-{content_hash(content.encode())}"
        return TemplateVersion(name, number, key, content)


def check(name: str, content: str, shipped: Template) -> Template:
    """A template that may be saved: readable, of the right name and answer format, with possible settings."""
    if len(content) > MOST_CHARACTERS:
        raise ConfigError(f"the template has {len(content):,} characters; at most {MOST_CHARACTERS:,} are allowed")
    template = read_template(content.encode(), f"the new version of {name!r}")
    if template.id != name or template.answer is not shipped.answer:
        raise ConfigError(f"the template's id and answer format must stay {name!r} and {shipped.answer.value!r}")
    if not 0 <= template.temperature <= 2:
        raise ConfigError(f"temperature is {template.temperature:g}; use 0 to 2")
    if not 1 <= template.max_tokens <= 8000:
        raise ConfigError(f"max_tokens is {template.max_tokens}; use 1 to 8,000")
    if not template.user.strip():
        raise ConfigError("the question is empty; say what the language model is to do")
    return template


def write_template(template: Template, changes: Mapping[str, object]) -> str:
    """A template's file with some of its parts changed. What ships says its version first, the rest is the hash."""
    parts = {name: getattr(template, name) for name in ("system", "user", "example", "assistant")}
    values = {
        "id": template.id,
        "version": template.version.rpartition("-")[0],
        "answer": template.answer.value,
        "max_tokens": template.max_tokens,
        "temperature": float(template.temperature),
        **{name: part for name, part in parts.items() if part},
        **{name: value for name, value in changes.items() if name != "shots"},
    }
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    shots = changes.get("shots", [(shot.user, shot.assistant) for shot in template.shots])
    if isinstance(shots, Sequence):
        for user, assistant in shots:
            lines += ["[[shots]]", f"user = {_toml(user)}", f"assistant = {_toml(assistant)}"]
    if template.extra:
        lines += ["[extra]", *(f"{name} = {_toml(value)}" for name, value in template.extra.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A TOML value. Longer texts stand as they are, between triple quotes, where TOML allows it."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = value.replace("\r\n", "\n")
    is_plain = all(character in "\n\t" or character >= " " for character in plain) and "\x7f" not in plain
    if "\n" in plain and "'''" not in plain and is_plain and not plain.endswith("'"):
        return f"'''\n{plain}'''"
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007F")
