"""The HTTP door: pages for their owner, and every action as a plain form."""

import re
import uuid

import pytest
from django.conf import settings
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from chat import conversations
from chat.accounts import sessions
from chat.messages import fragments
from chat.models import Author, Conversation, Message, State, User
from chat.replies.engine import Engine
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice: User) -> AsyncClient:
    """Alice's browser, without script."""
    client = AsyncClient()
    client.force_login(alice)
    return client


async def test_a_first_message_begins_a_conversation_and_leads_to_it(engine: Engine, browser: AsyncClient) -> None:
    response = await browser.post("/", {"text": "Hello", "key": str(uuid.uuid4())})
    conversation = await Conversation.objects.aget()
    assert response.status_code == 303
    assert response["Location"] == f"/c/{conversation.pk}/"
    await settled(await Message.objects.aget(author=Author.ASSISTANT))
    page = (await browser.get(response["Location"])).content.decode()
    assert page.count("data-pk=") == 2
    assert 'data-state="complete"' in page


async def test_the_same_form_twice_is_one_conversation(engine: Engine, browser: AsyncClient) -> None:
    form = {"text": "Hello", "key": str(uuid.uuid4())}
    places = {(await browser.post("/", form))["Location"] for _ in range(2)}
    assert len(places) == 1
    assert await Message.objects.acount() == 2


async def test_a_refused_first_message_comes_back_with_its_text(engine: Engine, browser: AsyncClient) -> None:
    text = "x" * (settings.CHAT_MAX_PROMPT_CHARS + 7)
    response = await browser.post("/", {"text": text, "key": str(uuid.uuid4())})
    page = response.content.decode()
    assert response.status_code == 400
    assert text in page
    assert "too long by 7 characters" in page
    assert await Conversation.objects.acount() == 0


@pytest.mark.parametrize("form", [{}, {"text": "Hello"}, {"text": "Hello", "key": "1"}, {"key": str(uuid.uuid4())}])
async def test_a_form_that_lacks_something_is_refused(
    engine: Engine, browser: AsyncClient, form: dict[str, str]
) -> None:
    assert (await browser.post("/", form)).status_code == 400
    assert await Conversation.objects.acount() == 0


async def test_asking_stopping_retrying_and_continuing_work_as_forms(
    engine: Engine, browser: AsyncClient, alice: User
) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    place = f"/c/{begun.prompt.conversation_id}/"
    response = await browser.post(place, {"action": "ask", "text": "Go !cut", "key": str(uuid.uuid4())})
    assert (response.status_code, response["Location"]) == (303, place + "#end")
    cut = await settled(await Message.objects.order_by("pk").alast())
    assert cut.state == State.FAILED
    assert (await browser.post(place, {"action": f"continue:{cut.pk}"})).status_code == 303
    whole = await settled(await Message.objects.aget(pk=cut.pk))
    assert whole.state == State.COMPLETE
    assert (await browser.post(place, {"action": "retry", "pk": str(cut.pk)})).status_code == 303
    again = await Message.objects.order_by("pk").alast()
    assert (again.parent_id, again.pk > cut.pk) == (cut.parent_id, True)
    assert (await browser.post(place, {"action": "stop"})).status_code == 303
    assert not (await Message.objects.aget(pk=again.pk)).is_live


async def test_a_prompt_while_busy_comes_back_with_its_text(engine: Engine, browser: AsyncClient, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "!stall")
    response = await browser.post(
        f"/c/{begun.prompt.conversation_id}/", {"action": "ask", "text": "Impatient words", "key": str(uuid.uuid4())}
    )
    assert response.status_code == 409
    assert "Impatient words" in response.content.decode()


async def test_a_live_page_refreshes_itself_without_script(engine: Engine, browser: AsyncClient, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "!stall")
    page = (await browser.get(f"/c/{begun.prompt.conversation_id}/")).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page
    await conversations.stop(alice, begun.prompt.conversation_id)
    page = (await browser.get(f"/c/{begun.prompt.conversation_id}/")).content.decode()
    assert "http-equiv" not in page


def test_strangers_get_404_and_nobody_signs_in_first(client: Client, alice: User, bob: User) -> None:
    conversation = talk(alice, "A secret", "An answer")
    message = conversation.messages.get(author=Author.USER)
    addresses = [conversation.get_absolute_url(), f"{conversation.get_absolute_url()}{message.pk}.md"]
    for address in addresses:
        assert client.get(address).status_code == 302
    client.force_login(bob)
    for address in [*addresses, f"/c/{uuid.uuid4()}/"]:
        assert client.get(address).status_code == 404
    assert client.post(addresses[0], {"action": "stop"}).status_code == 404


def test_text_is_never_markup(client: Client, alice: User) -> None:
    conversation = talk(alice, "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", title="<b>bold</b>")
    client.force_login(alice)
    page = client.get(conversation.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>bold" not in page


def test_a_conversation_opens_at_the_place_where_its_reader_left_it(client: Client, alice: User) -> None:
    conversation = talk(alice, *(f"text {number}." for number in range(700)))
    client.force_login(alice)
    pks = list(conversation.messages.order_by("pk").values_list("pk", flat=True))
    for left, shown in ((690, 50), (400, 300), (200, 500), (199, 50), (3, 50)):
        client.cookies["place"] = f"{sessions.digest(alice)}:{pks[left]}:-120"
        assert client.get(conversation.get_absolute_url()).content.decode().count("<article") == shown
    for foreign in ("nonsense", f"{pks[400]}:-120", f":{pks[400]}:-120", f"0123456789abcdef:{pks[400]}:-120"):
        client.cookies["place"] = foreign
        assert client.get(conversation.get_absolute_url()).content.decode().count("<article") == 50
    del client.cookies["place"]
    assert client.get(f"{conversation.get_absolute_url()}?from={pks[600]}").content.decode().count("<article") == 100


def test_a_stored_answer_is_not_rendered_again(client: Client, alice: User) -> None:
    conversation = talk(alice, "Hello", "**bold**")
    stored = {"html": "<p>as stored</p>", "html_version": fragments.HTML_VERSION}
    conversation.messages.filter(author=Author.ASSISTANT).update(**stored)
    client.force_login(alice)
    page = client.get(conversation.get_absolute_url()).content.decode()
    assert "<p>as stored</p>" in page


def test_a_page_costs_the_same_number_of_queries_however_much_there_is(client: Client, alice: User) -> None:
    client.force_login(alice)
    counts = []
    for size in (2, 120):
        conversation = talk(alice, *(f"Line {number}" for number in range(size)))
        for number in range(size):
            talk(alice, "Hello", title=f"Number {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(conversation.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_earlier_messages_are_a_page_away(client: Client, alice: User) -> None:
    conversation = talk(alice, *(f"Line {number}." for number in range(120)))
    client.force_login(alice)
    address = conversation.get_absolute_url()
    seen: list[str] = []
    page = client.get(address).content.decode()
    while True:
        seen = re.findall(r"Line \d+\.", page) + seen
        earlier = re.search(r"\?before=(\d+)", page)
        if earlier is None:
            break
        page = client.get(f"{address}?before={earlier[1]}").content.decode()
    assert sorted(set(seen)) == sorted(f"Line {number}." for number in range(120))


def test_the_theme_is_kept_and_leads_back(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/accounts/login/"})
    assert (response.status_code, response["Location"]) == (303, "/accounts/login/")
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"


def test_the_policy_lets_nothing_else_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in response.content.decode()
    assert " style=" not in response.content.decode()
    assert not re.search(r"<script(?![^>]* src=)", response.content.decode())


def test_probes(client: Client, transactional_db: None) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_signing_in_and_out(client: Client, alice: User) -> None:
    wrong = client.post("/accounts/login/", {"login": "alice", "password": "wrong"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.content.decode()
    right = client.post("/accounts/login/?next=/settings/", {"login": "alice", "password": "pen-and-ink-9"})
    assert right.status_code == 302
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_the_sync_client_can_ask_too(client: Client, alice: User, engine: Engine) -> None:
    client.force_login(alice)
    response = client.post("/", {"text": "Hello", "key": str(uuid.uuid4())})
    assert response.status_code == 303
    assert Message.objects.count() == 2
