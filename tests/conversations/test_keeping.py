"""Keeping conversations: rename, pin, archive, delete and undo, one by one and together, and finding them again."""

import io
import re
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import conversations
from chat.conversations import keeping, listing
from chat.models import Author, Conversation, Message, Shelf, State, User
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.talks import settled, talk

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 10_000


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Alice's browser, without script."""
    client.force_login(alice)
    return client


def keep(browser: Client, action: str, *rows: Conversation, **fields: str) -> str:
    """Sends a form of the list; returns where it leads."""
    response = browser.post("/conversations/", {"action": action, "id": [row.pk for row in rows], **fields})
    assert response.status_code == 303
    return response["Location"]


def titles(page: str) -> list[str]:
    """The titles in the list beside a page, in their order."""
    beside = page[page.index('id="conversations"') : page.index("</nav>")]
    return re.findall(r'class="title"[^>]*>([^<]*)<', beside)


def headings(page: str) -> list[str]:
    beside = page[page.index('id="conversations"') : page.index("</nav>")]
    return re.findall(r"<h2>([^<]*)</h2>", beside)


def marks(page: str) -> list[str]:
    """What is marked in the list."""
    return re.findall(r'data-row="(\w+)"', page)


def page_of(browser: Client, address: str = "/") -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_title_is_changed_and_the_list_keeps_its_order(browser: Client, alice: User) -> None:
    old, new = talk(alice, "Old", title="Old"), talk(alice, "New", title="New")
    assert titles(page_of(browser)) == ["New", "Old"]
    assert keep(browser, "rename", old, title="  A better\n name ", next=f"/c/{old.pk}/") == f"/c/{old.pk}/"
    assert titles(page_of(browser)) == ["New", "A better name"]
    assert ">A better name</h1>" in page_of(browser, old.get_absolute_url())
    keep(browser, "rename", new, title=" ")
    keep(browser, "rename", old, new, title="x" * 300)
    assert titles(page_of(browser)) == ["New", "x" * 120]


def test_what_is_pinned_stands_first_under_its_own_heading(browser: Client, alice: User) -> None:
    old, _new = talk(alice, "Old", title="Old"), talk(alice, "New", title="New")
    keep(browser, "pin", old)
    assert titles(page_of(browser)) == ["Old", "New"]
    assert headings(page_of(browser)) == ["Pinned", "Today"]
    keep(browser, "list", old)
    assert titles(page_of(browser)) == ["New", "Old"]


@pytest.mark.parametrize("search", ["", "?q=letter"])
def test_whatever_is_pinned_can_be_found_on_the_page_of_all(browser: Client, alice: User, search: str) -> None:
    names = [f"Letter {number}" for number in range(2 * listing.MOST_ROWS)]
    Conversation.objects.bulk_create(Conversation(owner=alice, title=name, shelf=Shelf.PINNED) for name in names)
    found = page_of(browser, f"/conversations/{search}")
    assert [name for name in names if f'aria-label="{name}"' not in found] == []
    assert len(titles(page_of(browser))) == listing.MOST_PINNED


def test_what_is_archived_is_out_of_the_way_and_still_there(browser: Client, alice: User) -> None:
    row = talk(alice, "Old", title="Old letters")
    keep(browser, "archive", row)
    assert titles(page_of(browser)) == []
    assert "Old letters" not in page_of(browser, "/conversations/")
    assert "Old letters" in page_of(browser, "/conversations/?archived")
    assert browser.get(row.get_absolute_url()).status_code == 200


async def test_a_new_prompt_takes_a_conversation_out_of_the_archive(engine: Engine, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    await settled(begun.reply)
    rows = Conversation.objects.filter(pk=begun.prompt.conversation_id)
    for before, after in ((Shelf.ARCHIVE, Shelf.LIST), (Shelf.PINNED, Shelf.PINNED)):
        await rows.aupdate(shelf=before)
        asked = await conversations.ask(alice, begun.prompt.conversation_id, uuid.uuid4(), "And?")
        await settled(asked.reply)
        assert (await rows.aget()).shelf == after


def test_a_deleted_conversation_is_gone_and_can_be_brought_back(browser: Client, alice: User) -> None:
    row = talk(alice, "Hello", title="A talk")
    place = keep(browser, "delete", row)
    page = page_of(browser, place)
    assert titles(page) == []
    assert "Undo" in page
    assert browser.get(row.get_absolute_url()).status_code == 404
    mark = place.partition("=")[2]
    assert browser.post("/conversations/", {"action": "restore", "undo": mark})["Location"] == "/"
    assert titles(page_of(browser)) == ["A talk"]
    assert "Undo" not in page_of(browser, place)
    assert browser.post("/conversations/", {"action": "restore", "undo": mark}).status_code == 404


def test_many_are_chosen_at_once(browser: Client, alice: User) -> None:
    rows = [talk(alice, "Hello", title=f"Talk {number}") for number in range(5)]
    keep(browser, "archive", *rows[:3])
    assert titles(page_of(browser)) == ["Talk 4", "Talk 3"]
    place = keep(browser, "delete", *rows[1:4], next="/conversations/")
    assert Conversation.objects.for_user(alice).count() == 2
    keep(browser, "restore", undo=place.partition("=")[2])
    assert Conversation.objects.for_user(alice).count() == 5
    assert keep(browser, "delete", next="/conversations/") == "/conversations/"
    assert keep(browser, "delete", rows[0], next="/?a=b").startswith("/?a=b&undo=")


async def test_deleting_stops_what_is_being_written(engine: Engine, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "!stall")
    client = AsyncClient()
    await client.aforce_login(alice)
    form = {"action": "delete", "id": str(begun.prompt.conversation_id)}
    assert (await client.post("/conversations/", form)).status_code == 303
    assert (await settled(begun.reply)).state == State.STOPPED
    with pytest.raises(Refused):
        await conversations.ask(alice, begun.prompt.conversation_id, uuid.uuid4(), "Still there?")
    with pytest.raises(Refused):
        await conversations.start(alice, begun.prompt.key, "!stall")


def test_what_was_deleted_yesterday_is_removed_for_good(browser: Client, alice: User) -> None:
    fresh, old, older = (talk(alice, "Hello", "Answer", title=f"Talk {number}") for number in range(3))
    place = keep(browser, "delete", old)
    keep(browser, "delete", fresh)
    long_ago = timezone.now() - keeping.UNDO_FOR - timedelta(minutes=1)
    Conversation.objects.filter(pk=old.pk).update(deleted=long_ago)
    assert "Undo" not in page_of(browser, place)
    call_command("retain", stdout=io.StringIO())
    assert not Message.objects.filter(conversation_id=old.pk).exists()
    assert Message.objects.filter(conversation_id=fresh.pk).count() == 2
    Conversation.objects.filter(pk=fresh.pk).update(deleted=long_ago)
    keep(browser, "delete", older)  # in passing
    assert set(Conversation.objects.values_list("pk", flat=True)) == {older.pk}


@pytest.mark.parametrize("action", ["rename", "pin", "archive", "list", "delete"])
def test_what_is_not_yours_does_not_exist_for_you(browser: Client, bob: User, action: str) -> None:
    row = talk(bob, "A secret", title="His")
    response = browser.post("/conversations/", {"action": action, "id": row.pk, "title": "Mine now"})
    assert response.status_code == 404
    assert Conversation.objects.filter(pk=row.pk, title="His", shelf=Shelf.LIST, deleted=None, looked=row.looked)


def test_another_users_deletion_cannot_be_undone(browser: Client, bob: User) -> None:
    row = talk(bob, "A secret")
    mark = keeping.delete(bob, [row.pk])
    assert browser.post("/conversations/", {"action": "restore", "undo": mark}).status_code == 404
    assert "Undo" not in page_of(browser, f"/?undo={mark}")


@pytest.mark.parametrize(
    "form",
    [{}, {"action": "burn"}, {"action": "pin", "id": "x"}, {"action": "restore", "undo": "9" * 40}],
)
def test_nonsense_is_not_found(browser: Client, form: dict[str, str]) -> None:
    assert browser.post("/conversations/", form).status_code == 404


def test_a_form_never_leads_to_another_site(browser: Client, alice: User) -> None:
    assert keep(browser, "pin", talk(alice, "Hello"), next="https://evil.example/") == "/"


@pytest.mark.parametrize(
    ("back", "place"),
    [
        ("/a\r\nSet-Cookie: a=b", "/a%0D%0ASet-Cookie:%20a=b"),
        ("/conversations/?q=ёлка", "/conversations/?q=%D1%91%D0%BB%D0%BA%D0%B0"),
        ("/\ud83d\ude00", "/" + "%EF%BF%BD" * 6),
        ("/ﷺ" * 600, "/%EF%B7%BA" * 600),
        ("/" + "x" * 60_000, "/"),
        ("\r\n//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("http://[", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
@pytest.mark.parametrize("form", [("/conversations/", {"action": "pin"}), ("/theme/", {"theme": "dark"})])
def test_wherever_a_form_wants_to_lead_the_answer_is_a_plain_address(
    browser: Client, form: tuple[str, dict[str, str]], back: str, place: str
) -> None:
    fields = urlencode({**form[1], "next": back}, errors="surrogatepass")
    response = browser.post(form[0], fields, "application/x-www-form-urlencoded")
    assert (response.status_code, response["Location"]) == (303, place)


def test_undo_stands_before_the_place_on_a_page(browser: Client, alice: User) -> None:
    rows = talk(alice, "Hello"), talk(alice, "Hello")
    assert re.fullmatch(r"/\?undo=\d+#end", keep(browser, "delete", rows[0], next="/#end"))
    assert re.fullmatch(r"/\?a=b&undo=\d+#end", keep(browser, "delete", rows[1], next="/?a=b#end"))


def test_a_new_answer_is_marked_until_its_owner_looks(browser: Client, alice: User) -> None:
    row = talk(alice, "Hello", "Answer")
    reply = row.messages.get(author=Author.ASSISTANT)
    assert marks(page_of(browser)) == []
    Message.objects.filter(pk=reply.pk).update(settled=timezone.now())
    assert marks(page_of(browser)) == ["settled"]
    page_of(browser, row.get_absolute_url())
    assert marks(page_of(browser)) == []
    Message.objects.filter(pk=reply.pk).update(state=State.STREAMING, settled=None)
    assert marks(page_of(browser)) == ["live"]


def test_older_conversations_are_a_page_away_and_none_is_lost(browser: Client, alice: User) -> None:
    rows = Conversation.objects.bulk_create(Conversation(owner=alice, title=f"Number {n}.") for n in range(150))
    same = timezone.now() - timedelta(days=1)
    Conversation.objects.filter(pk__in=[row.pk for row in rows[:100]]).update(updated=same)  # the id decides
    page = page_of(browser)
    seen, older = titles(page), re.search(r'href="/conversations/\?(before=[^"]+)"', page)
    while older:
        page = page_of(browser, f"/conversations/?{older[1]}").partition('id="found"')[2]
        seen += re.findall(r'aria-label="(Number \d+\.)"', page)
        older = re.search(r'href="\?(before=[^"]+)"', page)
    assert len(seen) == 150
    assert set(seen) == {row.title for row in rows}


def test_a_conversation_is_found_by_its_title(browser: Client, alice: User, bob: User) -> None:
    for title in ("A letter to Ada", "Rainbows", "100% wool", "Письмо Аде", "Straße", "Letters, archived"):
        talk(alice, "Hello", title=title)
    Conversation.objects.filter(title="Letters, archived").update(shelf=Shelf.ARCHIVE)
    talk(bob, "Hello", title="Bob's letter")
    for word, titles in {
        "LETTER": ["A letter to Ada"],
        "%25": ["100% wool"],
        "ПИСЬМО": ["Письмо Аде"],
        "письмо": ["Письмо Аде"],
        "STRASSE": ["Straße"],
        "a": ["Straße", "Rainbows", "A letter to Ada"],
    }.items():
        found = page_of(browser, f"/conversations/?q={word}").partition('id="found"')[2]
        assert re.findall(r'aria-label="([^"]*)"><a', found) == titles, word


def test_what_is_found_goes_on_for_pages(browser: Client, alice: User) -> None:
    for number in range(75):
        Conversation.objects.create(owner=alice, title=f"Ёлка {number}.")
        Conversation.objects.create(owner=alice, title="Another")
    first = page_of(browser, "/conversations/?q=ёлка").partition('id="found"')[2]
    older = re.search(r'href="\?(q=[^"]+)"', first)
    assert older
    second = page_of(browser, f"/conversations/?{older[1].replace('&amp;', '&')}").partition('id="found"')[2]
    seen = re.findall(r'aria-label="(Ёлка \d+\.)"', first + second)
    assert (len(seen), len(set(seen))) == (75, 75)
    assert "Another" not in first + second


@pytest.mark.parametrize("mark", ["x", "1-2", "-", "9" * 30 + "-" + "0" * 32])
def test_a_mark_that_is_none_shows_the_newest(browser: Client, alice: User, mark: str) -> None:
    talk(alice, "Hello", title="Newest")
    assert "Newest" in page_of(browser, f"/conversations/?before={mark}").partition('id="found"')[2]


def test_ten_thousand_conversations_cost_as_many_queries_as_ten(browser: Client, alice: User) -> None:
    counts = []
    for size in (10, MANY):
        rows = Conversation.objects.bulk_create(
            (Conversation(owner=alice, title=f"Number {number}") for number in range(size)), 500
        )
        Message.objects.bulk_create((Message(conversation=row, author=Author.USER, text="Hello") for row in rows), 500)
        Conversation.objects.filter(pk__in=[row.pk for row in rows[:5]]).update(shelf=Shelf.PINNED)
        for address in ("/", "/conversations/", "/conversations/?q=no+such+title", rows[7].get_absolute_url()):
            with CaptureQueriesContext(connection) as queries:
                page_of(browser, address)
            counts.append(len(queries))
    plans = [listing._rows(alice, shelf).with_marks()[:60].explain() for shelf in Shelf]
    assert counts[:4] == counts[4:]
    assert max(counts) <= 10
    assert all("conversation_listed" in plan and "TEMP B-TREE" not in plan for plan in plans)


def test_asking_is_what_moves_a_conversation(alice: User) -> None:
    row = talk(alice, "Hello")
    Conversation.objects.update(updated=F("updated") - timedelta(days=3))
    before = Conversation.objects.get(pk=row.pk).updated
    keeping.rename(alice, [row.pk], "Another title")
    keeping.put(alice, [row.pk], Shelf.PINNED)
    keeping.look(alice, [row.pk])
    assert Conversation.objects.get(pk=row.pk).updated == before
