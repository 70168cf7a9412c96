"""Every language has every word of the pages, and what is compiled is what was translated."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from chat.refusals import wait

ROOT = Path(__file__).resolve().parent.parent
SPEAKING = ("chat", "magickpen_site", "templates", "manage.py")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")

pytestmark = pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
needs_gettext = pytest.mark.skipif(
    not (shutil.which("msgfmt") and shutil.which("xgettext")), reason="no msgfmt and xgettext here (Debian: gettext)"
)


@needs_gettext
def test_every_string_is_translated_and_none_is_left_over(language: str, tmp_path: Path) -> None:
    for name in SPEAKING:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    _run(sys.executable, "manage.py", "makemessages", "--locale", language, "--no-wrap", cwd=tmp_path)
    fresh = _words(tmp_path, language, "po")
    left_over = [line for line in fresh.read_text().splitlines() if line.startswith("#~ msgid ")]
    assert not left_over, "`make messages` drops them"
    counted = _run("msgfmt", "--check", "--statistics", "--output-file", os.devnull, str(fresh), cwd=tmp_path)
    assert re.fullmatch(r"\d+ translated messages\.\n", counted), _run("msgattrib", "--only-fuzzy", str(fresh)) + _run(
        "msgattrib", "--untranslated", str(fresh)
    )


@needs_gettext
def test_what_is_compiled_is_what_was_translated(language: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.mo"
    _run("msgfmt", "--output-file", str(fresh), str(_words(ROOT, language, "po")))
    assert _pairs(_words(ROOT, language, "mo")) == _pairs(fresh), "`make messages` compiles anew"


def test_translations_keep_the_placeholders(language: str) -> None:
    pairs = _pairs(_words(ROOT, language, "mo"))
    assert len(pairs) > 100
    for (source, _form), words in pairs.items():
        assert sorted(PLACEHOLDER.findall(words)) == sorted(PLACEHOLDER.findall(source)), words


def test_numbers_choose_the_form(language: str) -> None:
    forms = {"ru": {1: "1 секунду", 3: "3 секунды", 11: "11 секунд", 22: "22 секунды", 61: "61 секунду"}}
    with translation.override(language):
        for seconds, words in forms[language].items():
            assert words in wait(seconds).split(".")[0]


def _words(root: Path, language: str, kind: str) -> Path:
    return root / "chat" / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def _pairs(compiled: Path) -> dict[tuple[str, int], str]:
    """The translation of every string, by its plural form."""
    with compiled.open("rb") as file:
        catalogue: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key if isinstance(key, tuple) else (key, 0): words for key, words in catalogue.items() if key}


def _run(*command: str, cwd: Path = ROOT) -> str:
    """What a program says, in English; it must succeed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "magickpen_site.settings", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
