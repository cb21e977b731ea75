from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.errors import ConfigError, NotFoundError
from bsm_core.workflow.prompt_library import EDITABLE, PromptLibrary, write_template
from bsm_core.workflow.templates import Shot, load_template, read_template, render
from tests.factories import make_task


@pytest.fixture
def library(tmp_path: Path) -> PromptLibrary:
    return PromptLibrary(tmp_path / "prompts")


@pytest.mark.parametrize("name", EDITABLE)
def test_written_template_reads_back_as_it_was(name: str) -> None:
    shipped = load_template(name)
    back = read_template(write_template(shipped, {}).encode(), "test")
    assert replace(
        back, version="", user=back.user.strip(), system=back.system.strip(), example=back.example.strip()
    ) == (
        replace(
            shipped,
            version="",
            user=shipped.user.strip(),
            system=shipped.system.strip(),
            example=shipped.example.strip(),
        )
    )


@pytest.mark.parametrize(
    "hostile", ["'''", 'a "quote" \\ and a tab\t', "ends with '", "\x7f\x01 é {x}", "a\r\nb", "\n\n"]
)
def test_any_text_survives_the_file(hostile: str) -> None:
    text = f"First {hostile}\nsecond {hostile}"
    shots = [(hostile or "q", "an answer")]
    back = read_template(write_template(load_template("generation"), {"user": text, "shots": shots}).encode(), "test")
    assert back.user.strip("\n") == text.replace("\r\n", "\n").strip("\n")
    assert back.shots[0].user == hostile.replace("\r\n", "\n")


def test_versions_are_appended_named_by_their_content_and_the_newest_is_in_use(library: PromptLibrary) -> None:
    shipped = library.newest("extrapolation")
    assert (shipped.number, library.current("extrapolation")) == (0, load_template("extrapolation"))
    edited = write_template(shipped.template, {"user": "Something else about {noun}.\n"})
    saved = library.save("extrapolation", edited)
    again = library.save("extrapolation", shipped.content)
    assert [one.number for one in library.versions("extrapolation")] == [0, 1, 2]
    assert saved.key.startswith("0001-")
    assert saved.template.version != shipped.template.version
    assert library.newest("extrapolation") == again
    assert library.version("extrapolation", saved.key).content == edited
    with pytest.raises(NotFoundError, match="no version '0009-x'"):
        library.version("extrapolation", "0009-x")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "nothing was changed"),
        ({"temperature": 9.0}, "use 0 to 2"),
        ({"max_tokens": 0}, "use 1 to 8,000"),
        ({"user": " \n"}, "the question is empty"),
        ({"id": "generation"}, "must stay 'abstraction'"),
    ],
)
def test_impossible_version_is_refused(library: PromptLibrary, changes: dict[str, object], message: str) -> None:
    shipped = library.newest("abstraction")
    content = shipped.content if not changes else write_template(shipped.template, changes)
    with pytest.raises(ConfigError, match=message):
        library.save("abstraction", content)
    assert len(library.versions("abstraction")) == 1


def test_worked_examples_come_before_the_question_and_none_is_the_default() -> None:
    slots = dict.fromkeys(("phrase", "noun", "labels", "fence", "text", "answer"), "x")
    template = load_template("label_blind")
    assert [role for role, _ in render(template, slots, make_task()).messages] == ["system", "user"]
    few = replace(template, shots=(Shot("Which label has {this}?", "positive"),))
    assert render(few, slots, make_task()).messages[1:3] == (
        ("user", "Which label has {this}?"),
        ("assistant", "positive"),
    )
