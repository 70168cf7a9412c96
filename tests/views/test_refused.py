"""What is refused: what is not one's own is not there, and everything else is told in a sentence."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient, Client

from chat import views
from chat.conversations import drafts, keeping
from chat.models import Conversation, Shelf, User
from chat.refusals import Refused
from chat.voices import personas
from tests.talks import talk

pytestmark = pytest.mark.django_db(transaction=True)

VERBS: dict[str, Callable[[User, Conversation], Any]] = {
    "rename": lambda user, his: keeping.rename(user, [his.pk], "Mine"),
    "rename to nothing": lambda user, his: keeping.rename(user, [his.pk], " "),
    "put": lambda user, his: keeping.put(user, [his.pk], Shelf.PINNED),
    "delete": lambda user, his: keeping.delete(user, [his.pk]),
    "restore": lambda user, his: keeping.restore(user, "1"),
    "draft": lambda user, his: drafts.save(user, his.pk, uuid.uuid4(), "Mine"),
    "voice": lambda user, his: personas.give(user, his.pk, personas.Choice()),
    "persona": lambda user, his: personas.save(user, str(his.owner.personas.get().pk), "Mine", "Mine"),
    "deleted persona": lambda user, his: personas.delete(user, str(his.owner.personas.get().pk)),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_refuses_what_is_not_ones_own(alice: User, bob: User, verb: str) -> None:
    bob.personas.create(name="His", text="A secret.")
    with pytest.raises(Refused) as refusal:
        VERBS[verb](alice, talk(bob, "A secret"))
    assert refusal.value.reason == "not_found"


def test_who_names_nothing_changes_nothing(alice: User) -> None:
    keeping.put(alice, [], Shelf.PINNED)
    assert keeping.delete(alice, []) == ""


def test_what_is_refused_on_no_page_of_its_own_is_told_on_one(client: Client, alice: User) -> None:
    client.force_login(alice)
    alice.personas.create(name="First", text="Be brief.")
    form = {"action": "save", "id": "", "name": "One more", "text": "Be brief."}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(personas, "MOST_OWN", 1)
        answer = client.post("/personas/", form)
    assert answer.status_code == 409
    assert "as many personas as you may" in answer.content.decode()
    assert [persona.name for persona in alice.personas.all()] == ["First"]


async def test_an_asynchronous_page_that_is_not_ones_own_is_not_there(alice: User, bob: User) -> None:
    his = await Conversation.objects.acreate(owner=bob, title="His")
    browser = AsyncClient()
    await browser.aforce_login(alice)
    for answer in (
        await browser.get(his.get_absolute_url()),
        await browser.post(his.get_absolute_url(), {"action": "stop"}),
        await browser.post(f"{his.get_absolute_url()}draft/", {"key": str(uuid.uuid4()), "text": "Mine"}),
    ):
        assert answer.status_code == 404
        assert "His" not in answer.content.decode()


def test_an_error_of_ours_is_none_of_a_refusal(client: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_what: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(personas, "save", fail)
    client.force_login(alice)
    with pytest.raises(ZeroDivisionError):
        client.post("/personas/", {"action": "save"})


def test_a_form_that_did_something_leads_on_by_see_other_everywhere() -> None:
    views_of_ours = list(Path(views.__file__).parent.glob("*.py"))
    assert len(views_of_ours) > 5
    leading = {path.name for path in views_of_ours if "HttpResponseRedirect" in path.read_text()}
    assert leading == {"redirects.py"}
