"""One's own data: choose, take along, delete provably; what policy removes, and what a legal hold keeps."""

import asyncio
import hashlib
import hmac
import io
import json
import re
import time
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import AsyncClient, Client
from django.utils import timezone

from chat import conversations, exports, inputs, limits
from chat.accounts import erasure
from chat.conversations import keeping
from chat.models import Conversation, Message, Receipt, Spent, User
from chat.practice.upstream import Upstream
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.talks import settled, spent, talk

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "pen-and-ink-9"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    cache.clear()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    return client


def choose(browser: Client, **fields: str) -> Any:
    return browser.post("/settings/", {"enter_sends": "1", **fields})


def unpacked(user: User) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(exports.pieces(user))))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


# Choices


def test_choices_are_kept_and_follow_to_another_device(browser: Client, alice: User) -> None:
    answer = choose(
        browser, first_name="Alice L.", language="ru", theme="dark", enter_sends="", system_prompt="Be brief."
    )
    assert answer.status_code == 303
    alice.refresh_from_db()
    assert (alice.first_name, alice.language, alice.theme, alice.enter_sends) == ("Alice L.", "ru", "dark", False)
    assert 'lang="ru"' in browser.get("/settings/").content.decode()
    other = Client()
    other.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    page = other.get("/").content.decode()
    assert 'lang="ru"' in page
    assert 'data-theme="dark"' in page


def test_everything_of_ones_own_is_a_step_away(browser: Client) -> None:
    page = browser.get("/settings/").content.decode()
    for path in ("/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/", "/settings/export/",
                 "/settings/delete/"):  # fmt: skip
        assert f'href="{path}"' in page
    for field in ("first_name", "language", "theme", "enter_sends", "default_model", "system_prompt"):
        assert f'name="{field}"' in page


@pytest.mark.parametrize(
    "field", [{"language": "xx"}, {"theme": "pink"}, {"default_model": "no-such"}, {"system_prompt": "x" * 4001}]
)
def test_nonsense_is_refused_and_changes_nothing(browser: Client, alice: User, field: dict[str, str]) -> None:
    assert choose(browser, first_name="Mallory", **field).status_code == 400
    alice.refresh_from_db()
    assert alice.first_name == ""


def test_nobody_chooses_more_than_the_form_has(browser: Client, alice: User) -> None:
    choose(browser, is_superuser="on", is_staff="on", username="root", on_hold="on")
    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_staff, alice.username, alice.on_hold) == (False, False, "alice", False)


async def test_instructions_go_before_the_conversation(engine: Engine, alice: User, upstream: Upstream) -> None:
    alice.system_prompt = "Answer in one word."
    await alice.asave()
    asked = await conversations.start(alice, uuid.uuid4(), "Explain rainbows")
    reply = await settled(asked.reply)
    assert reply.state == "complete"
    assert list(upstream.asked) == ["System: Answer in one word.\nUser: Explain rainbows\nAssistant:"]


# Export


def test_an_export_has_everything_and_of_nobody_else(alice: User, bob: User) -> None:
    long = talk(alice, *(f"Line {number} – ✒" for number in range(450)), title="A </long> talk")
    alice.personas.create(name="Pirate", text="Talk like one.")
    talk(bob, "Bob's secret", "Yes")
    files = unpacked(alice)
    assert json.loads(files["account.json"])["username"] == "alice"
    assert json.loads(files["account.json"])["personas"] == [{"name": "Pirate", "text": "Talk like one."}]
    assert len(files) == 3
    told = {json.loads(text)["id"]: json.loads(text) for name, text in files.items() if name.endswith("s.json") is False
            and name.endswith(".json") and name != "account.json"}  # fmt: skip
    assert [message["text"] for message in told[str(long.pk)]["messages"]] == [f"Line {n} – ✒" for n in range(450)]
    markdown = next(text.decode() for name, text in files.items() if name.endswith(f"{long.pk}.md"))
    assert "# A </long> talk" in markdown
    assert "Line 449 – ✒" in markdown
    assert b"Bob" not in b"".join(files.values())


def test_a_title_is_exported_as_it_was_given(alice: User) -> None:
    title = "t" * inputs.longest(Conversation, "title")
    talk(alice, "Hello", title=title)
    exported = next(text.decode() for name, text in unpacked(alice).items() if name.endswith(".md"))
    assert exported.startswith(f"# {title}\n")


def test_what_was_deleted_is_gone_from_everywhere_but_the_undo(browser: Client, alice: User, charlie: User) -> None:
    """The rows are there for a day; the owner, administrators and the export do not see them."""
    gone = talk(alice, "A mistake about quinces", "Yes", title="On quinces")
    talk(alice, "Hello", "Hi", title="On rainbows")
    desk = Client()
    desk.force_login(charlie)
    place = f"/admin/chat/conversation/{gone.pk}/"
    assert "On quinces" in desk.get(f"{place}change/").content.decode()
    mark = browser.post("/conversations/", {"action": "delete", "id": gone.pk})["Location"].partition("=")[2]
    assert Message.objects.filter(conversation=gone).count() == 2
    for path in ("/", "/conversations/", "/conversations/?archived", "/conversations/beside/", "/settings/"):
        assert "quinces" not in browser.get(path).content.decode(), path
    for path in (f"/c/{gone.pk}/", f"/c/{gone.pk}/{gone.messages.latest('pk').pk}.md"):
        assert browser.get(path).status_code == 404
    assert b"quinces" not in b"".join(unpacked(alice).values())
    for path in ("/admin/", "/admin/chat/conversation/", "/admin/chat/conversation/?q=mistake",
                 f"/admin/chat/user/{alice.pk}/delete/", f"/admin/chat/user/{alice.pk}/history/"):  # fmt: skip
        page = desk.get(path)
        assert page.status_code == 200
        assert "quinces" not in page.content.decode(), path
    for page in ("change", "delete", "history"):
        answer = desk.get(f"{place}{page}/")
        assert answer.status_code in (302, 404), page
        assert "quinces" not in answer.content.decode(), page
    browser.post("/conversations/", {"action": "restore", "undo": mark})
    assert "On quinces" in desk.get("/admin/chat/conversation/").content.decode()
    assert b"quinces" in b"".join(unpacked(alice).values())


def test_the_log_of_administrators_holds_no_titles(alice: User, charlie: User) -> None:
    conversation = talk(alice, "Quinces?", "Yes", title="On quinces")
    desk = Client()
    desk.force_login(charlie)
    desk.get(f"/admin/chat/conversation/{conversation.pk}/change/")
    desk.post(f"/admin/chat/conversation/{conversation.pk}/delete/", {"post": "yes"})
    assert not Conversation.objects.exists()
    assert LogEntry.objects.values_list("object_id", "object_repr").distinct().get() == (str(conversation.pk),) * 2
    assert list(LogEntry.objects.order_by("pk").values_list("action_flag", flat=True)) == [CHANGE, DELETION]


def test_an_export_grows_piece_by_piece(alice: User) -> None:
    talk(alice, *("x" * 10_000 for _number in range(300)))
    pieces = list(exports.pieces(alice))
    assert len(pieces) > 600
    assert max(map(len, pieces)) < 200_000


async def test_an_export_is_streamed_to_its_owner(alice: User) -> None:
    browser = AsyncClient()
    await browser.aforce_login(alice)
    answer = await browser.get("/settings/export/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer.streaming
    body = b"".join([piece async for piece in answer])  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["account.json"]


async def test_exports_are_a_few_an_hour_and_then_said_calmly(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    browser = AsyncClient()
    await browser.aforce_login(alice)
    answers = await asyncio.gather(*(browser.get("/settings/export/") for _number in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 3
    refused = next(answer for answer in answers if answer.status_code == 429)
    page = refused.content.decode()
    assert "You may export your data 5 times an hour. You can go on in 60 minutes." in page
    assert 3590 <= int(refused["Retry-After"]) <= 3601
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3602)
    assert (await browser.get("/settings/export/")).status_code == 200


def test_the_exports_of_others_do_not_count(alice: User, bob: User) -> None:
    cache.clear()
    for _number in range(5):
        limits.take_export(alice)
    limits.take_export(bob)
    with pytest.raises(Refused):
        limits.take_export(alice)


# Deleting


def test_all_conversations_go_for_good_and_only_ones_own(browser: Client, alice: User, bob: User) -> None:
    for number in range(3):
        talk(alice, "Hello", "Hi", title=f"Number {number}")
    theirs = talk(bob, "Hello", "Hi")
    browser.post("/settings/", {"action": "delete-conversations"})
    assert Conversation.objects.filter(owner=alice).count() == 3
    browser.post("/settings/", {"action": "delete-conversations", "sure": "yes"})
    assert list(Conversation.objects.all()) == [theirs]
    assert Message.objects.exclude(conversation=theirs).count() == 0


def delete(browser: Client, name: str = "alice") -> Any:
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser.post("/settings/delete/", {"name": name})


def test_an_account_is_deleted_with_everything_and_a_receipt(browser: Client, alice: User, charlie: User) -> None:
    conversation = talk(alice, "A secret", "An answer", title="Very private")
    spent(alice)
    desk = Client()
    desk.force_login(charlie)
    desk.get(f"/admin/chat/conversation/{conversation.pk}/change/")
    page = delete(browser).content.decode()
    receipt = Receipt.objects.get()
    assert str(receipt.pk) in page
    assert receipt.digest in page
    assert receipt.rows["chat.Message.conversation__owner"] == 2
    assert "alice" not in json.dumps(receipt.rows) + receipt.digest
    assert not User.objects.filter(pk=alice.pk).exists()
    assert not Message.objects.exists()
    assert not Session.objects.filter(pk=browser.session.session_key).exists()
    assert Spent.objects.get().user is None
    assert "Very private" not in "".join(LogEntry.objects.values_list("object_repr", flat=True))
    assert browser.get("/").status_code == 302
    assert browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 200


def test_a_receipt_is_explained_by_its_owners_copy_and_by_nothing_that_the_site_keeps(
    browser: Client, alice: User
) -> None:
    page = delete(browser).content.decode()
    receipt = Receipt.objects.get()
    proof = next(word for word in re.findall(r"<code>(\w{64})</code>", page) if word != receipt.digest)
    assert receipt.digest == hmac.new(proof.encode(), b"alice", "sha256").hexdigest()
    guesses = [f"{alice.pk} alice {alice.date_joined.isoformat()}", f"alice {receipt.pk}", "alice"]
    assert receipt.digest not in [hashlib.sha256(guess.encode()).hexdigest() for guess in guesses]
    assert proof not in json.dumps(list(Receipt.objects.values()), default=str)
    assert Receipt.objects.get().proof == ""


def test_two_accounts_of_one_name_have_nothing_in_common() -> None:
    digests = {erasure.account(User.objects.create_user("alice", password=PASSWORD)).digest for _again in range(2)}
    assert len(digests) == 2


def test_no_table_that_knows_a_user_is_forgotten() -> None:
    """Every model that refers to a user or to a conversation is looked at before a receipt is written."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model in (User, Conversation) and model is not User:
                assert erasure._paths_to_user(model), f"{model} would not be looked at"


def test_a_row_that_is_left_behind_undoes_the_deletion(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(alice, "Hello", "Hi")
    pk = alice.pk
    monkeypatch.setattr(erasure, "rows_of", lambda pk: {"somewhere": 1})
    with pytest.raises(RuntimeError, match="left behind"):
        erasure.account(alice)
    assert User.objects.filter(pk=pk).exists()
    assert Message.objects.count() == 2
    assert not Receipt.objects.exists()


def test_deleting_an_account_wants_the_password_and_the_name(browser: Client, alice: User) -> None:
    assert "/accounts/reauthenticate/" in browser.post("/settings/delete/", {"name": "alice"})["Location"]
    assert delete(browser, "bob").status_code == 400
    assert User.objects.filter(pk=alice.pk).exists()


def test_whoever_administers_does_not_vanish_with_the_trail(alice: User, charlie: User) -> None:
    with pytest.raises(Refused, match="administers"):
        erasure.account(charlie)


def test_the_admin_deletes_with_a_receipt_too(client: Client, charlie: User, alice: User) -> None:
    talk(alice, "Hello", "Hi")
    client.force_login(charlie)
    client.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"})
    assert Receipt.objects.count() == 1
    assert "alice" not in "".join(LogEntry.objects.values_list("object_repr", flat=True))


# Retention and hold


def age(conversation: Conversation, days: int) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(updated=timezone.now() - timedelta(days=days))


def test_policy_removes_what_is_too_old(alice: User, bob: User, settings: Any, capsys: Any) -> None:
    old, young, pinned, held = (talk(owner, "Hello", "Hi") for owner in (alice, alice, alice, bob))
    for conversation in (old, pinned, held):
        age(conversation, 31)
    age(young, 29)
    keeping.put(alice, [pinned.pk], keeping.Shelf.PINNED)
    User.objects.filter(pk=bob.pk).update(on_hold=True)
    spent(alice, 3 * 24 * 3600_000)
    call_command("retain")
    assert Conversation.objects.count() == 4
    settings.CHAT_RETENTION_DAYS = 30
    call_command("retain", "--dry-run")
    assert "1 conversations would be removed" in capsys.readouterr().out
    call_command("retain")
    assert set(Conversation.objects.all()) == {young, pinned, held}
    assert not Spent.objects.exists()


def test_a_legal_hold_keeps_everything(browser: Client, alice: User, charlie: User) -> None:
    conversation = talk(alice, "Hello", "Hi", title="On quinces")
    assert "legal hold" not in browser.get("/settings/").content.decode()
    User.objects.filter(pk=alice.pk).update(on_hold=True)
    keeping.delete(alice, [conversation.pk])
    assert "kept for the administrators" in browser.get("/settings/").content.decode()
    assert b"quinces" not in b"".join(unpacked(alice).values())
    Conversation.objects.update(deleted=timezone.now() - timedelta(days=9))
    keeping.purge()
    browser.post("/settings/", {"action": "delete-conversations", "sure": "yes"})
    assert "legal hold" in delete(browser).content.decode()
    desk = Client()
    desk.force_login(charlie)
    assert (
        "has deleted this conversation"
        in desk.get(f"/admin/chat/conversation/{conversation.pk}/change/").content.decode()
    )
    desk.post(f"/admin/chat/user/{alice.pk}/delete/", {"post": "yes"})
    desk.post(f"/admin/chat/conversation/{conversation.pk}/delete/", {"post": "yes"})
    for model, pk in (("user", alice.pk), ("conversation", conversation.pk)):
        form = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        desk.post(f"/admin/chat/{model}/", form)
    assert User.objects.filter(pk=alice.pk).exists()
    assert Message.objects.count() == 2
