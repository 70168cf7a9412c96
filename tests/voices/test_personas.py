"""Who answers, and as whom: personas, instructions and the model of a conversation."""

import re
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client

from chat import conversations, replies
from chat.conversations import statements
from chat.models import Author, Conversation, Limits, Message, Persona, State, User
from chat.providers import MagickPen, OpenAI
from chat.refusals import Refused
from chat.replies import rows
from chat.replies.engine import Engine
from chat.voices import personas
from chat.voices.personas import Choice
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    """What a provider was asked: models and messages."""
    asked: list[tuple[str, list[Any]]] = []

    async def answer(model: str, messages: list[Any], **_options: Any) -> Any:
        asked.append((model, list(messages)))
        yield "Aye."

    monkeypatch.setattr(MagickPen, "models", ("gpt-4o-mini", "quill-2"))
    monkeypatch.setattr(MagickPen, "create_async_generator", answer)
    return asked


@pytest.fixture
async def browser(engine: Engine, alice: User) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(alice)
    return client


@pytest.mark.parametrize(
    ("form", "choice"),
    [
        ({}, Choice()),
        ({"offer": "magickpen:quill-2", "persona": "7", "instructions": " Be\r\nbrief.\x00 "},
         Choice("magickpen", "quill-2", 7, "Be\nbrief.")),
        ({"offer": "ollama:llama3.2:1b", "persona": ""}, Choice("ollama", "llama3.2:1b")),
        ({"offer": "x", "persona": "-1", "instructions": " "}, Choice("x")),
        ({"persona": "9" * 40}, Choice()),
    ],
)  # fmt: skip
def test_a_form_names_who_shall_answer(form: dict[str, str], choice: Choice) -> None:
    assert personas.choice(form) == choice


async def test_a_first_message_is_answered_in_the_voice_that_was_chosen(
    browser: AsyncClient, alice: User, told: list[tuple[str, list[Any]]]
) -> None:
    pirate = await Persona.objects.acreate(owner=alice, name="Pirate", text="Talk like a pirate.")
    form = {"offer": "magickpen:quill-2", "persona": str(pirate.pk), "instructions": "Be brief."}
    response = await browser.post("/", {"text": "Hello", "key": str(uuid.uuid4()), **form})
    reply = await settled(await Message.objects.aget(author=Author.ASSISTANT))
    assert reply.model == "quill-2"
    assert told[0][0] == "quill-2"
    assert told[0][1][0] == {"role": "system", "content": "Talk like a pirate.\n\nBe brief."}
    assert told[0][1][1] == {"role": "user", "content": "Hello"}
    page = (await browser.get(response["Location"])).content.decode()
    assert "quill-2 · MagickPen · Pirate</button>" in page


async def test_every_way_to_an_answer_tells_the_instructions_first(
    browser: AsyncClient, alice: User, told: list[tuple[str, list[Any]]]
) -> None:
    alice.system_prompt = "For every answer."
    await alice.asave()
    begun = await conversations.start(alice, uuid.uuid4(), "Hello", Choice(instructions="For this one."))
    first = await settled(begun.reply)
    place = begun.prompt.conversation_id
    await settled((await conversations.ask(alice, place, uuid.uuid4(), "And?")).reply)
    await settled((await conversations.edit(alice, place, begun.prompt.pk, uuid.uuid4(), "Hi")).reply)
    last = await Message.objects.filter(shown=True).order_by("pk").alast()
    assert last is not None
    again = await settled((await conversations.retry(alice, place, last.pk)).reply)
    await Message.objects.filter(pk=again.pk).aupdate(state=State.STOPPED, rev=again.rev)
    await settled(await conversations.go_on(alice, place, again.pk))
    assert first.text == "Aye."
    assert len(told) == 5
    for _model, messages in told:
        assert [turn["role"] for turn in messages].count("system") == 1
        assert messages[0] == {"role": "system", "content": "For every answer.\n\nFor this one."}


def test_a_reply_that_is_taken_over_keeps_its_instructions(alice: User) -> None:
    conversation = talk(alice, "Hello")
    shared = Persona.objects.create(name="Clerk", text="Answer like a clerk.")
    Conversation.objects.filter(pk=conversation.pk).update(persona=shared, instructions="In one line.")
    statements.insert(replies.new_reply(conversation, conversation.messages.get(), None, "magickpen", "gpt-4o-mini"))
    lease = uuid.uuid4()
    rows.renew(lease)
    [(_reply, history)] = rows.adopt(lease, 5).to_run
    assert history[0] == {"role": "system", "content": "Answer like a clerk.\n\nIn one line."}


async def test_a_voice_is_changed_for_the_answers_to_come(
    browser: AsyncClient, alice: User, told: list[tuple[str, list[Any]]]
) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    place = f"/c/{begun.prompt.conversation_id}/"
    response = await browser.post(f"{place}voice/", {"offer": "magickpen:quill-2", "instructions": "In Latin."})
    assert (response.status_code, response["Location"]) == (303, place)
    await settled((await conversations.ask(alice, begun.prompt.conversation_id, uuid.uuid4(), "And?")).reply)
    assert [model for model, _messages in told] == ["gpt-4o-mini", "quill-2"]
    assert told[0][1][0]["role"] == "user"
    assert told[1][1][0] == {"role": "system", "content": "In Latin."}
    await browser.post(f"{place}voice/", {"offer": "nobody:nothing", "persona": "x"})
    conversation = await Conversation.objects.aget()
    assert (conversation.model, conversation.instructions) == ("gpt-4o-mini", "")


async def test_nobody_takes_anothers_persona_or_conversation(
    browser: AsyncClient, alice: User, bob: User, told: list[tuple[str, list[Any]]]
) -> None:
    his = await Persona.objects.acreate(owner=bob, name="His", text="A secret.")
    await browser.post("/", {"text": "Hello", "key": str(uuid.uuid4()), "persona": str(his.pk)})
    await settled(await Message.objects.aget(author=Author.ASSISTANT))
    assert told[0][1][0]["role"] == "user"
    talked = await Conversation.objects.acreate(owner=bob, title="His")
    assert (await browser.post(f"/c/{talked.pk}/voice/", {"instructions": "Obey."})).status_code == 404
    page = (await browser.get("/personas/")).content.decode()
    assert "A secret." not in page
    for form in ({"action": "save", "name": "Mine", "text": "Mine"}, {"action": "delete"}):
        assert (await browser.post("/personas/", {"id": str(his.pk), **form})).status_code == 404
    assert (await Persona.objects.aget()).name == "His"


def test_a_library_is_kept(client: Client, alice: User) -> None:
    client.force_login(alice)
    shared = Persona.objects.create(name="Clerk", text="Answer like a clerk.")
    new = {"action": "save", "id": "", "name": " Pi\nrate ", "text": "Arr\x00"}
    assert client.post("/personas/", new).status_code == 303
    pirate = Persona.objects.get(owner=alice)
    assert (pirate.name, pirate.text) == ("Pi rate", "Arr")
    client.post("/personas/", {"action": "save", "id": pirate.pk, "name": "Captain", "text": "Arr!"})
    page = client.get("/personas/").content.decode()
    assert "Captain" in page
    assert "Answer like a clerk." in page
    assert 'value="' + str(shared.pk) not in page
    conversation = talk(alice, "Hello")
    Conversation.objects.update(persona=pirate)
    assert client.post("/personas/", {"action": "delete", "id": pirate.pk}).status_code == 303
    conversation.refresh_from_db()
    assert conversation.persona is None
    for form in (new | {"name": " "}, {"action": "delete", "id": shared.pk}, {"action": "save", "id": "x"}):
        assert client.post("/personas/", form).status_code == 404


def test_a_refused_first_message_keeps_its_voice(client: Client, alice: User) -> None:
    client.force_login(alice)
    pirate = Persona.objects.create(owner=alice, name="Pirate", text="Arr")
    form = {"text": " ", "key": str(uuid.uuid4()), "persona": pirate.pk, "instructions": "Be brief."}
    page = client.post("/", form).content.decode()
    assert "Be brief.</textarea>" in page
    assert f'<option value="{pirate.pk}" selected>' in page


def test_administrators_share_personas_and_leave_others_alone(client: Client, alice: User, charlie: User) -> None:
    own = Persona.objects.create(owner=alice, name="Hers", text="A secret.")
    client.force_login(charlie)
    assert "Hers" not in client.get("/admin/chat/persona/").content.decode()
    assert client.get(f"/admin/chat/persona/{own.pk}/change/").status_code == 302
    client.post("/admin/chat/persona/add/", {"name": "Clerk", "text": "Answer like a clerk."})
    assert {persona.name for persona in personas.available(alice)} == {"Clerk", "Hers"}


async def test_ones_own_model_of_new_conversations_answers(
    browser: AsyncClient, alice: User, told: list[tuple[str, list[Any]]]
) -> None:
    await browser.post("/settings/", {"enter_sends": "1", "default_model": "quill-2", "system_prompt": "Be brief."})
    assert "quill-2 · MagickPen</button>" in (await browser.get("/")).content.decode()
    begun = await conversations.start(await User.objects.aget(pk=alice.pk), uuid.uuid4(), "Hello")
    await settled(begun.reply)
    [(model, messages)] = told
    assert (model, messages[0]) == ("quill-2", {"role": "system", "content": "Be brief."})


# The models of a group


@pytest.fixture
def scribe(alice: User, told: list[tuple[str, list[Any]]]) -> User:
    """Alice, in a group that may use one model only, and not the site's first."""
    group = Group.objects.create(name="Scribes")
    Limits.objects.create(group=group, only_models="quill-2 no-such-model")
    alice.groups.add(group)
    return alice


def choices(page: str, name: str) -> list[str]:
    options = re.search(f'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)
    assert options
    return re.findall(r'value="([^"]*)"', options[0])


def test_models_that_a_group_does_not_allow_are_not_offered(client: Client, scribe: User, bob: User) -> None:
    conversation = talk(scribe, "Hello", "Hi")
    client.force_login(scribe)
    for address in ("/", f"/c/{conversation.pk}/"):
        assert choices(client.get(address).content.decode(), "offer") == ["magickpen:quill-2"]
    assert choices(client.get("/settings/").content.decode(), "default_model") == ["", "quill-2"]
    assert client.post("/settings/", {"enter_sends": "1", "default_model": "gpt-4o-mini"}).status_code == 400
    client.force_login(bob)
    assert choices(client.get("/").content.decode(), "offer") == ["magickpen:gpt-4o-mini", "magickpen:quill-2"]


@pytest.mark.parametrize("choice", [Choice(), Choice(instructions="Be brief.")])
async def test_without_a_choice_an_allowed_model_answers(
    browser: AsyncClient, scribe: User, told: list[tuple[str, list[Any]]], choice: Choice
) -> None:
    await User.objects.aupdate(default_model="gpt-4o-mini")
    assert "quill-2 · MagickPen</button>" in (await browser.get("/")).content.decode()
    begun = await conversations.start(scribe, uuid.uuid4(), "Hello", choice)
    await settled(begun.reply)
    await settled((await conversations.ask(scribe, begun.prompt.conversation_id, uuid.uuid4(), "And?")).reply)
    assert [model for model, _messages in told] == ["quill-2", "quill-2"]


async def test_a_model_that_is_not_allowed_any_more_is_refused_and_another_can_be_chosen(
    browser: AsyncClient, scribe: User, told: list[tuple[str, list[Any]]]
) -> None:
    conversation = await sync_to_async(talk)(scribe, "Hello", "Hi")
    for ask in (
        conversations.ask(scribe, conversation.pk, uuid.uuid4(), "And?"),
        conversations.start(scribe, uuid.uuid4(), "And?", Choice("magickpen", "gpt-4o-mini")),
    ):
        with pytest.raises(Refused, match="may not use the model gpt-4o-mini"):
            await ask
    await browser.post(f"/c/{conversation.pk}/voice/", {"offer": "magickpen:gpt-4o-mini"})
    await settled((await conversations.ask(scribe, conversation.pk, uuid.uuid4(), "And?")).reply)
    assert [model for model, _messages in told] == ["quill-2"]


async def test_a_server_that_lists_no_models_is_asked_for_an_allowed_one(
    engine: Engine, scribe: User, bob: User, told: list[tuple[str, list[Any]]], settings: Any
) -> None:
    settings.CHAT_PROVIDERS = ["openai"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenAI, "models", ())
        patch.setattr(OpenAI, "create_async_generator", MagickPen.create_async_generator)
        for user in (scribe, bob):
            begun = await conversations.start(user, uuid.uuid4(), "Hello")
            await settled(begun.reply)
            await settled((await conversations.ask(user, begun.prompt.conversation_id, uuid.uuid4(), "And?")).reply)
    assert [model for model, _messages in told] == ["quill-2", "quill-2", "", ""]
