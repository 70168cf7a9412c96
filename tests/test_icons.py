"""Icons are drawn from one sprite, and each that is asked for is there."""

import re
from pathlib import Path

from django.template import engines

ROOT = Path(__file__).resolve().parent.parent


def test_an_icon_is_a_symbol_of_the_sprite_that_no_listener_is_told_of() -> None:
    drawn = engines["django"].from_string('{% load icons %}{% icon "pin" %}').render()
    assert drawn == '<svg aria-hidden="true"><use href="/static/icons/sprite.svg#pin"></use></svg>'


def test_an_icon_cannot_break_out_of_its_address() -> None:
    drawn = engines["django"].from_string("{% load icons %}{% icon name %}").render({"name": '"><script>'})
    assert "<script>" not in drawn


def test_every_icon_that_a_template_asks_for_is_in_the_sprite() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    drawn = set(re.findall(r'id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text(encoding="utf-8")))
    wanted = set(re.findall(r'{% icon "([\w-]+)" %}', templates))
    assert len(wanted) > 20
    assert wanted <= drawn
    assert "<svg" not in templates
