"""Where the teacher's key comes from, and that it stays secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.errors import ConfigError, TeacherKeyError
from bsm_core.teacher.keys import check_sendable, read_key, scrub
from bsm_core.teacher.transport import is_loopback


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    path = tmp_path / "secrets.toml"
    path.write_text('MY_KEY = " sk-from-file "\nEMPTY = ""\nNUMBER = 5\n', encoding="utf-8")
    return path


def test_read_key_from_the_file(secrets: Path) -> None:
    assert read_key("MY_KEY", secrets) == "sk-from-file"


def test_read_key_environment_goes_first(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-from-environment\n")
    assert read_key("MY_KEY", secrets) == "sk-from-environment"


def test_read_key_blank_environment_counts_as_unset(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "  ")
    assert read_key("MY_KEY", secrets) == "sk-from-file"


@pytest.mark.parametrize("variable", ["OTHER", "EMPTY", "NUMBER"])
def test_read_key_without_a_usable_entry_is_none(secrets: Path, variable: str) -> None:
    assert read_key(variable, secrets) is None


def test_read_key_no_file_is_none(tmp_path: Path) -> None:
    assert read_key("MY_KEY", tmp_path / "secrets.toml") is None
    assert read_key("MY_KEY") is None


@pytest.mark.parametrize("content", [b"MY_KEY = sk-unquoted-secret", b'MY_KEY = "\xff"'], ids=["not TOML", "not UTF-8"])
def test_read_key_broken_file_is_named_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secrets.toml"
    path.write_bytes(content)
    with pytest.raises(TeacherKeyError, match=r"secrets\.toml cannot be read as TOML.*set MY_KEY") as caught:
        read_key("MY_KEY", path)
    assert "unquoted" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("key_variable", "sk-pasted-secret"),
        ("endpoint", "https://me:pasted-secret@example.org/v1"),
        ("endpoint", "https://example.org/v1?key=pasted-secret"),
    ],
)
def test_config_with_a_key_in_the_wrong_place_is_refused_and_not_quoted(setting: str, value: str) -> None:
    with pytest.raises(ConfigError, match=setting) as caught:
        TeacherConfig.from_dict({setting: value})
    assert "secret" not in str(caught.value)


def test_scrub_replaces_a_key_but_leaves_placeholders() -> None:
    assert scrub("key sk-12345678 here", "sk-12345678") == "key [key] here"
    assert scrub("an excellent text", "x") == "an excellent text"
    assert scrub("as it is", None) == "as it is"


def test_check_sendable_takes_ordinary_keys() -> None:
    check_sendable(None, "MY_KEY")
    check_sendable("sk-abc_DEF.123", "MY_KEY")
    with pytest.raises(TeacherKeyError, match="MY_KEY"):
        check_sendable("sk-\u00e9", "MY_KEY")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://localhost/v1", True),
        ("https://api.example.org/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://[bad", False),
        ("embedded", False),
    ],
)
def test_is_loopback_by_host(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
