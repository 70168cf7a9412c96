"""Which part of a conversation stands on a page."""

import pytest

from chat.conversations import excerpts
from chat.models import Conversation, Message, User
from tests.talks import talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def long(alice: User, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """Ten messages, where a page has three and recalls six."""
    monkeypatch.setattr(excerpts, "MOST_MESSAGES", 3)
    monkeypatch.setattr(excerpts, "MOST_RECALLED", 6)
    return talk(alice, *"abcdefghij")


def told(excerpt: excerpts.Excerpt) -> tuple[str, str]:
    """The texts, and the text of the message before which more go on."""
    earlier = Message.objects.get(pk=excerpt.earlier).text if excerpt.earlier else ""
    return "".join(message.text for message in excerpt.messages), earlier


def pk(text: str) -> int:
    return Message.objects.get(text=text).pk


def test_a_page_has_the_end(long: Conversation) -> None:
    assert told(excerpts.newest(long)) == ("hij", "h")


def test_earlier_messages_go_on_to_the_first(long: Conversation) -> None:
    excerpt, read = excerpts.newest(long), []
    while excerpt.earlier:
        excerpt = excerpts.before(long, excerpt.earlier)
        read.append(told(excerpt))
    assert read == [("efg", "e"), ("bcd", "b"), ("a", "")]


@pytest.mark.parametrize(
    ("start", "page"), [("j", ("hij", "h")), ("h", ("hij", "h")), ("e", ("efghij", "e")), ("d", ("hij", "h"))]
)
def test_a_reader_comes_back_to_where_they_were_unless_it_is_too_far_up(
    long: Conversation, start: str, page: tuple[str, str]
) -> None:
    assert told(excerpts.since(long, pk(start))) == page


def test_only_the_branch_that_is_shown_is_there(long: Conversation) -> None:
    Message.objects.filter(text__in="ij").update(shown=False)
    assert told(excerpts.newest(long)) == ("fgh", "f")
    assert told(excerpts.since(long, pk("i"))) == ("fgh", "f")


def test_a_conversation_without_messages_has_nothing(alice: User) -> None:
    assert excerpts.newest(talk(alice)) == excerpts.Excerpt([])
