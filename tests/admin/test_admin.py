"""The administrators' door: find a conversation, read it, change nothing, leave a trace."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from chat.models import Author, Conversation, User
from tests.talks import talk

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/chat/conversation/"


@pytest.fixture
def desk(client: Client, charlie: User) -> Client:
    """Charlie at the administrators' desk."""
    client.force_login(charlie)
    return client


def test_the_list_shows_owner_model_state_and_date(desk: Client, alice: User) -> None:
    talk(alice, "Hello", "Hi", title="On rainbows")
    page = desk.get(LIST).content.decode()
    for word in ("On rainbows", "alice", "gpt-4o-mini", "complete"):
        assert word in page


def test_a_conversation_is_found_by_title_owner_and_text(desk: Client, alice: User, bob: User) -> None:
    talk(alice, "About sea urchins", "Yes", title="On rainbows")
    talk(bob, "Nothing", "No", title="On clouds")
    for words in ("rainbows", "alice", "urchins"):
        page = desk.get(LIST, {"q": words}).content.decode()
        assert "On rainbows" in page
        assert "On clouds" not in page


def test_the_list_is_filtered_by_state(desk: Client, alice: User) -> None:
    failed = talk(alice, "Hello", "H", title="On storms")
    failed.messages.filter(author=Author.ASSISTANT).update(state="failed")
    talk(alice, "Hello", "Hi", title="On calm")
    page = desk.get(LIST, {"state": "failed"}).content.decode()
    assert "On storms" in page
    assert "On calm" not in page


def test_a_transcript_is_rendered_and_read_only(desk: Client, alice: User) -> None:
    conversation = talk(alice, "<b>Hello</b>", "It is **bold**.")
    page = desk.get(f"{LIST}{conversation.pk}/change/").content.decode()
    assert "<strong>bold</strong>" in page
    assert "&lt;b&gt;Hello" in page
    for name in ('value="retry', 'value="continue', 'name="_save"', "<textarea"):
        assert name not in page
    assert desk.post(f"{LIST}{conversation.pk}/change/", {"title": "Mine"}).status_code == 200
    assert Conversation.objects.get().title == "A talk"


def test_every_reading_is_recorded_without_text(desk: Client, alice: User, charlie: User) -> None:
    conversation = talk(alice, "A secret", "An answer")
    desk.get(f"{LIST}{conversation.pk}/change/")
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (charlie, str(conversation.pk))
    assert "secret" not in entry.change_message


def test_every_search_is_recorded_with_its_words_and_what_it_found(desk: Client, alice: User, charlie: User) -> None:
    for words in ("About sea urchins", "About sea stars"):
        talk(alice, words)
    desk.get(LIST)
    desk.get(LIST, {"o": "1", "p": "1"})
    assert not LogEntry.objects.exists()
    desk.get(LIST, {"q": "sea urchins"})
    desk.get(LIST, {"title__startswith": "A t", "state": "complete"})
    desk.post(f"{LIST}?q=stars", {"action": "delete_selected", "select_across": "1", "_selected_action": "0"})
    trail = LogEntry.objects.order_by("pk")
    assert [entry.change_message for entry in trail] == [
        "Searched. q: sea urchins. 1",
        "Searched. title__startswith: A t, state: complete. 2",
        "Searched. q: stars. 1",
    ]
    assert {
        (entry.user, entry.content_type.model_class(), entry.object_id) for entry in trail if entry.content_type
    } == {(charlie, Conversation, None)}
    assert "sea urchins" in desk.get("/admin/").content.decode()


def test_words_without_end_are_recorded_to_some_length(desk: Client) -> None:
    desk.get(LIST, {"q": "ink " * 1_000})
    entry = LogEntry.objects.get()
    assert len(entry.change_message) < 600
    assert len(entry.object_repr) <= 200


def test_a_history_tells_of_no_search(desk: Client, alice: User) -> None:
    conversation = talk(alice, "Hello")
    desk.get(LIST, {"q": "sea urchins"})
    assert "urchins" not in desk.get(f"{LIST}{conversation.pk}/history/").content.decode()


def test_a_reviewer_needs_only_the_permission_to_view(client: Client, alice: User, bob: User) -> None:
    conversation = talk(alice, "Hello", "Hi")
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    client.force_login(bob)
    assert client.get(f"{LIST}{conversation.pk}/change/").status_code == 403
    bob.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    assert client.get(f"{LIST}{conversation.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{conversation.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_group_of_reviewers_is_ready_made(client: Client, alice: User, bob: User) -> None:
    add_group = import_module("chat.migrations.0010_reviewers").add_group
    Group.objects.all().delete()
    Permission.objects.filter(codename="view_conversation").delete()  # as before the first migration
    for _twice in range(2):
        add_group(apps, None)
    conversation = talk(alice, "Hello", "Hi")
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.groups.add(Group.objects.get(name="Reviewers"))
    client.force_login(bob)
    assert client.get(f"{LIST}{conversation.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{conversation.pk}/delete/", {"post": "yes"}).status_code == 403
    for path in ("chat/user/", "auth/group/", "chat/invitation/", "chat/receipt/", "chat/persona/"):
        assert client.get(f"/admin/{path}").status_code == 403


def test_others_do_not_get_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(LIST).status_code == 302


def test_a_long_transcript_has_pages(desk: Client, alice: User) -> None:
    conversation = talk(alice, *(f"Line {number}." for number in range(250)))
    pages = [desk.get(f"{LIST}{conversation.pk}/change/", {"p": page}).content.decode() for page in (1, 2, 3)]
    assert "Line 0." in pages[0]
    assert "Line 249." in pages[2]
