"""Titles and names: one line, of which everything can be seen."""

import random
import sys
import uuid
from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client

from chat import lines
from chat.conversations import keeping, title_of
from chat.models import Conversation, Message, Persona, User
from chat.voices import personas
from tests.invisible import INVISIBLE
from tests.people import JOINED, NEW, SIGNUP
from tests.talks import talk

KEPT = {
    "emoji": "👩🏽\u200d🚀 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 🙂\u200d↔\ufe0f 1\ufe0f\u20e3 🇩🇪",
    "Persian": "می\u200cخواهم",
    "Hindi": "क्\u200dष र्\u200cय श्री",
    "Sinhala": "ශ්\u200dරී ලංකාව",
    "Bengali": "র\u200d্যাব",
    "Burmese": "မြို့",
    "Thai": "ที่นี่",
    "Vietnamese": "tie\u0302\u0301ng Vie\u0323\u0302t",
    "Hebrew": "שָׁלוֹם",
    "Arabic": "السَّلَامُ ﷺ \u06dd",
    "Chinese": "書名 葛\U000e0100",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u180b",
    "English": "It's “fine” – isn't it? (50 % off)",
    "a picture of tomorrow": "\U0001fadf",
}
CHANGED = {
    "a\u200bb\u200dc\u200cd": "abcd",
    "\u202eevil": "evil",
    "one\ntwo\u2028three\tfour": "one two three four",
    "\x00nul\ud800": "nul",
    "Z\u0301\u0302\u0303\u0304\u0305algo\u0301\u0302\u0303\u0304": "Z\u0301\u0302\u0303algo\u0301\u0302\u0303",
    "x\ufe0f\ufe0f\ufe0f": "x\ufe0f",
    "\u0301start \u0301middle": "start middle",
    "👩\u200d": "👩",
    "می\u200c": "می",
    "👩\u200d\u200d🚀": "👩\u200d🚀",
    "a\u2800\u3164b": "a b",
    "🏴\U000e0067\U000e0062\U000e007f": "🏴",
}


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_nothing_is_left_of_what_nobody_can_see(text: str) -> None:
    assert lines.is_blank(text)
    assert lines.shown(text) == ""
    assert lines.shown(f"{text}a{text}b{text}").replace(" ", "").startswith("a")


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_scripts_and_pictures_need_stays(text: str) -> None:
    assert lines.shown(text) == text


@pytest.mark.parametrize(("text", "shown"), CHANGED.items(), ids=map(ascii, CHANGED))
def test_only_what_can_be_seen_stays(text: str, shown: str) -> None:
    assert lines.shown(text) == shown


def test_a_line_that_is_cut_ends_in_something_seen() -> None:
    assert lines.shown("👩\u200d🚀", 2) == "👩"
    assert lines.shown("a b", 2) == "a"


def test_what_has_been_shown_once_is_shown_as_it_is() -> None:
    dice = random.Random(4711)
    odd = [chr(number) for row in ("\u0300\u0600\u1160\u1800\u2000\u2060\ufe00\ufff0\U0001f3f0\U000e0000")
           for number in range(ord(row), ord(row) + 16)]  # fmt: skip
    for _each in range(5_000):
        anywhere = [chr(dice.randrange(sys.maxunicode + 1)) for _ in range(4)]
        text = "".join(dice.choices([*odd, *anywhere, *"a \u200d\u200cم"], k=12))
        line = lines.shown(text)
        assert lines.shown(line) == line, ascii(text)
        assert bool(line) is not lines.is_blank(text), ascii(text)


def test_a_title_is_the_first_line_in_which_anything_can_be_seen() -> None:
    assert title_of("\u200b\n \u2060\nHello\u202e there\nMore") == "Hello there"
    assert title_of("x" * 200) == "x" * 79 + "…"
    assert title_of("👩\u200d🚀" * 40) == "👩\u200d🚀" * 26 + "👩…"
    assert title_of("\u200b") == "Untitled"
    assert len(title_of("\u0301Ω" + "\u0301" * 60_000)) < 10


pages = pytest.mark.django_db(transaction=True)


@pages
@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
async def test_a_prompt_that_nobody_can_see_is_refused_as_an_empty_one(alice: User, text: str) -> None:
    browser = AsyncClient()
    await browser.aforce_login(alice)
    response = await browser.post("/", {"text": text, "key": str(uuid.uuid4())})
    assert response.status_code == 400
    assert any(words in response.content.decode() for words in ("Please write something first", "not text"))
    assert not await Message.objects.aexists()


@pages
@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_a_title_that_nobody_can_see_changes_nothing(client: Client, alice: User, text: str) -> None:
    client.force_login(alice)
    row = talk(alice, "Hello", title="On rainbows")
    assert client.post("/conversations/", {"action": "rename", "id": row.pk, "title": text}).status_code == 303
    assert Conversation.objects.get().title == "On rainbows"
    client.post("/conversations/", {"action": "rename", "id": row.pk, "title": f"{text} On\u200b clouds {text}"})
    assert Conversation.objects.get().title == "On clouds"


@pages
def test_names_of_people_and_personas_are_lines_that_can_be_seen(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/settings/", {"first_name": "A\u202elice \u200b\u3164L."})
    assert User.objects.get().first_name == "Alice L."
    assert client.post("/personas/", {"name": "\u200b\u3164", "text": "Be brief."}).status_code == 404
    client.post("/personas/", {"name": "Br\u200bief\u0301\u0301\u0301\u0301\u0301", "text": "Be\u200b brief."})
    assert personas.own(alice).values_list("name", "text").get() == ("Brief\u0301\u0301\u0301", "Be\u200b brief.")


@pages
@pytest.mark.parametrize("name", ["\u3164", "\u115f", "ali\u3164ce2", "\u1160bob"])
def test_no_account_has_a_name_that_nobody_can_see(client: Client, charlie: User, settings: object, name: str) -> None:
    settings.SIGNUP = "open"  # type: ignore[attr-defined]
    assert Client().post(SIGNUP, NEW | {"username": name}).status_code == 200
    client.force_login(charlie)
    form = {"username": name, "password1": NEW["password1"], "password2": NEW["password1"], "usable_password": "true"}
    assert "nobody can see" in client.post("/admin/chat/user/add/", form).content.decode()
    assert User.objects.count() == 1


@pages
def test_the_administration_takes_no_other_lines_either(client: Client, charlie: User, alice: User) -> None:
    client.force_login(charlie)
    limits = {f"limits-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    for name in ("\u200b\u3164", "Cl\u200berks"):
        client.post("/admin/auth/group/add/", {"name": name, **limits})
        client.post("/admin/chat/persona/add/", {"name": name, "text": "Be brief."})
    fields = {"username": "alice", "is_active": "on", "last_name": "L\u202eiddell", **JOINED, **limits}
    client.post(f"/admin/chat/user/{alice.pk}/change/", fields)
    assert list(Group.objects.exclude(name="Reviewers").values_list("name", flat=True)) == ["Clerks"]
    assert list(Persona.objects.values_list("name", flat=True)) == ["Clerks"]
    assert User.objects.get(pk=alice.pk).last_name == "Liddell"


@pages
def test_what_was_stored_before_is_mended(alice: User) -> None:
    mend: Callable[..., None] = import_module("chat.migrations.0013_lines_that_can_be_seen").mend
    row = talk(alice, "Hello", title="Hello")
    for text in INVISIBLE.values():
        stored = text.replace("\x00", "")
        Conversation.objects.create(owner=alice, title=stored)
        alice.personas.create(name=stored, text="\u200bBe brief.")
    Conversation.objects.create(owner=alice, title="\u202eOn clouds")
    User.objects.filter(pk=alice.pk).update(first_name="\u200b", last_name="Liddell\u200b")
    mend(apps, None)
    assert set(Conversation.objects.values_list("title", flat=True)) == {"Hello", "Untitled", "On clouds"}
    assert set(Persona.objects.values_list("name", "text")) == {("Untitled", "\u200bBe brief.")}
    alice.refresh_from_db()
    assert (alice.first_name, alice.last_name) == ("", "Liddell")
    assert Conversation.objects.get(pk=row.pk).updated == row.updated


@pages
def test_a_title_already_good_can_still_be_given(alice: User) -> None:
    row = talk(alice, "Hello")
    keeping.rename(alice, [row.pk], "  On\n rainbows ")
    assert Conversation.objects.get().title == "On rainbows"
