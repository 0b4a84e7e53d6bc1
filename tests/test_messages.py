"""Rule 10: both languages are whole, and what the code asks for is there."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from helpers import errors, messages, paths

HELPERS = Path(messages.__file__).parent.parent
SOURCES = [*HELPERS.rglob("*.py"), *paths.LESSONS.glob("*/exercises.py")]
HAN = re.compile(r"[\u4e00-\u9fff]")


def _fields(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_every_message_stands_in_both_languages() -> None:
    wanted = set(messages.LANGUAGES.values())
    wrong = {k: set(v) ^ wanted for k, v in messages.catalogue().items() if set(v) != wanted}
    assert wrong == {}


def test_both_languages_use_the_same_fields() -> None:
    wrong = [k for k, v in messages.catalogue().items() if _fields(v["en"]) != _fields(v["zh"])]
    assert wrong == []


def test_no_message_is_empty_and_english_holds_no_chinese() -> None:
    found = messages.catalogue()
    assert [k for k, v in found.items() if not v["en"].strip() or not v["zh"].strip()] == []
    assert [k for k, v in found.items() if HAN.search(v["en"])] == []


def _asked() -> dict[str, list[str]]:
    """Literal keys in ``text(…)`` and in raised errors: key → where."""
    families = {n for n, v in vars(errors).items() if isinstance(v, type)}
    found: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            key = node.args[0]
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            where = f"{path.name}:{node.lineno}"
            if name == "text" and "." in key.value and " " not in key.value:
                found.setdefault(key.value, []).append(where)
            elif name in families:
                for part in ("what", "why", "next"):
                    found.setdefault(f"{key.value}.{part}", []).append(where)
            elif name in ("Right", "Wrong"):
                found.setdefault(key.value, []).append(where)
    return found


def test_every_message_that_code_asks_for_exists() -> None:
    asked = _asked()
    assert len(asked) > 60, "the search for keys finds nothing any more"
    assert {key: where for key, where in asked.items() if not messages.has(key)} == {}


def test_every_error_has_its_three_parts() -> None:
    keys = messages.catalogue()
    whats = {key.removesuffix(".what") for key in keys if key.endswith(".what")}
    assert {w for w in whats if f"{w}.why" not in keys or f"{w}.next" not in keys} == set()


@pytest.mark.parametrize(
    ("session", "folder", "expected"),
    [
        ("/x/work/zh-CN/01.ipynb", "/", "zh"),
        ("/x/work/en/01.ipynb", "/", "en"),
        ("", "zh-CN", "zh"),
        ("", "en", "en"),
    ],
)
def test_the_language_follows_the_notebook(
    session: str, folder: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / folder if folder != "/" else tmp_path
    place.mkdir(exist_ok=True)
    monkeypatch.chdir(place)
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    monkeypatch.setenv("LANG", "C")
    assert messages.language() == expected


def test_outside_a_notebook_the_locale_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("LAYER_BY_LAYER_LANGUAGE", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert messages.language() == "zh"
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert messages.language() == "en"


def test_values_lose_their_control_sequences() -> None:
    with messages.speaking("en"):
        said = messages.text("engine.removed.kept", name="\x1b[31mred\x07\u202e")
    assert said == "Kept: red\\u202e. You gave that name yourself."


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"), messages.speaking("fr"):
        pass
