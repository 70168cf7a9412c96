"""What one may ask: refused before anybody is asked, counted whatever is deleted, and never passed by two at once."""

import threading
import uuid
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import PositiveIntegerField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import conversations, limits
from chat.admin import people
from chat.conversations import asking, keeping
from chat.limits import standing
from chat.limits.standing import DAY_MS, MINUTE_MS, now_ms
from chat.models import Conversation, Limits, Message, Spent, User
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.page import Page, html_of
from tests.talks import settled, spent, talk

pytestmark = pytest.mark.django_db(transaction=True)


def start(user: User, text: str = "Hello") -> asking.Asked:
    with transaction.atomic():
        return asking._start(user, uuid.uuid4(), text, None)


def refusal(user: User, text: str = "Hello") -> Refused:
    with pytest.raises(Refused) as caught:
        start(user, text)
    return caught.value


def test_the_day_is_refused_with_reason_and_time(alice: User, bob: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 2
    spent(alice, DAY_MS - 3 * 3600_000)
    spent(alice)
    refused = refusal(alice)
    assert refused.reason == "quota"
    assert "2 messages in 24 hours" in refused.text
    assert "about 3 hours" in refused.text
    assert 3 * 3600 - 5 <= (refused.retry_after or 0) <= 3 * 3600 + 5
    start(bob)
    assert Message.objects.count() == 2


def test_a_day_later_it_is_over(alice: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 1
    spent(alice, DAY_MS + 1000)
    start(alice)
    assert refusal(alice).reason == "quota"


def test_the_minute(alice: User, settings: Any) -> None:
    settings.CHAT_MINUTE_MESSAGES = 2
    settings.CHAT_CONCURRENT_REPLIES = 0
    spent(alice, MINUTE_MS - 20_000)
    start(alice)
    refused = refusal(alice)
    assert (refused.reason, "2 messages a minute" in refused.text) == ("rate", True)
    assert 15 <= (refused.retry_after or 0) <= 21


def test_what_is_refused_is_not_counted_and_not_stored(alice: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 1
    start(alice)
    for _again in range(3):
        refusal(alice)
    assert (Spent.objects.count(), Conversation.objects.count(), Message.objects.count()) == (1, 1, 2)


@pytest.mark.parametrize("who", ["the owner", "an administrator"])
def test_deleting_gives_nothing_back(client: Client, alice: User, charlie: User, settings: Any, who: str) -> None:
    settings.CHAT_DAILY_MESSAGES = 1
    pk = start(alice).prompt.conversation_id
    if who == "the owner":
        client.force_login(alice)
        client.post("/conversations/", {"action": "delete", "id": str(pk)})
        Conversation.objects.update(deleted=timezone.now() - 2 * keeping.UNDO_FOR)
        keeping.purge()
    else:
        client.force_login(charlie)
        client.post(f"/admin/chat/conversation/{pk}/delete/", {"post": "yes"})
    assert not Conversation.objects.exists()
    assert refusal(alice).reason == "quota"


async def test_retry_continue_and_edit_count_and_a_repeated_key_does_not(
    engine: Engine, alice: User, settings: Any
) -> None:
    settings.CHAT_DAILY_MESSAGES = 5
    key = uuid.uuid4()
    begun = await conversations.start(alice, key, "Go !cut")
    place = begun.prompt.conversation_id
    await settled(begun.reply)
    await conversations.start(alice, key, "Go !cut")
    await settled(await conversations.go_on(alice, place, begun.reply.pk))
    await settled((await conversations.retry(alice, place, begun.reply.pk)).reply)
    await settled((await conversations.edit(alice, place, begun.prompt.pk, uuid.uuid4(), "Go on")).reply)
    assert await Spent.objects.acount() == 4
    ask_key = uuid.uuid4()
    asked = await conversations.ask(alice, place, ask_key, "Last one")
    await settled(asked.reply)
    assert await Spent.objects.acount() == 5
    again = await conversations.ask(alice, place, ask_key, "Last one")
    assert (again.is_new, again.prompt.pk) == (False, asked.prompt.pk)
    newest = await Message.objects.filter(shown=True).alast()
    assert newest is not None
    for refused in (
        conversations.ask(alice, place, uuid.uuid4(), "One more"),
        conversations.retry(alice, place, newest.pk),
        conversations.edit(alice, place, asked.prompt.pk, uuid.uuid4(), "One more"),
    ):
        with pytest.raises(Refused) as caught:
            await refused
        assert caught.value.reason == "quota"
    assert await Message.objects.filter(shown=True).acount() == 4
    assert await Spent.objects.acount() == 5


def at_once(*people: User) -> list[tuple[str, str]]:
    """Asks once for each of the people, all in the same moment, each with a connection of their own; returns who was
    asked for, and what came of it: "asked" or the reason of a refusal."""
    gate, outcomes = threading.Barrier(len(people)), []

    def tab(user: User) -> None:
        gate.wait()
        try:
            start(user)
            outcomes.append((user.username, "asked"))
        except Refused as refused:
            outcomes.append((user.username, refused.reason))
        finally:
            connection.close()

    tabs = [threading.Thread(target=tab, args=(user,)) for user in people]
    for thread in tabs:
        thread.start()
    for thread in tabs:
        thread.join()
    return sorted(outcomes)


def test_two_tabs_at_once_do_not_pass(alice: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 3
    settings.CHAT_CONCURRENT_REPLIES = 0
    assert at_once(*[alice] * 8) == [("alice", "asked")] * 3 + [("alice", "quota")] * 5
    assert Spent.objects.count() == 3


def test_two_people_at_once_do_not_pass_the_day_of_a_provider_and_share_it(
    alice: User, bob: User, settings: Any
) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 10}
    settings.CHAT_CONCURRENT_REPLIES = 0
    spent(alice)
    spent(bob)
    outcomes = at_once(*[alice, bob] * 8)
    for name in ("alice", "bob"):
        assert [outcome for who, outcome in outcomes if who == name] == ["asked"] * 4 + ["quota"] * 4
    assert Spent.objects.count() == 10


def test_the_days_of_two_providers_are_counted_apart(alice: User, settings: Any) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 2, "openai": 2}
    settings.CHAT_CONCURRENT_REPLIES = 0
    spent(alice, provider="openai", count=2)
    assert at_once(*[alice] * 6) == [("alice", "asked")] * 2 + [("alice", "quota")] * 4
    assert set(Message.objects.exclude(provider="").values_list("provider", flat=True)) == {"magickpen"}


def test_replies_at_once(alice: User, settings: Any) -> None:
    settings.CHAT_CONCURRENT_REPLIES = 2
    start(alice)
    start(alice)
    assert refusal(alice).reason == "busy"


def test_the_size_of_a_conversation(alice: User, settings: Any) -> None:
    settings.CHAT_MAX_CONVERSATION_MESSAGES = 4
    conversation = talk(alice, "One", "Two", "Three", "Four")
    with pytest.raises(Refused, match="largest size"), transaction.atomic():
        asking._ask(alice, conversation.pk, uuid.uuid4(), "Five", None)
    start(alice)


def test_every_number_of_the_model_is_a_limit_with_a_setting_and_a_place_in_the_admin() -> None:
    numbers = {field.name for field in Limits._meta.get_fields() if isinstance(field, PositiveIntegerField)}
    assert set(standing.SETTINGS) == numbers
    for name in standing.SETTINGS.values():
        assert isinstance(getattr(site_settings, name), int)
    assert {*numbers, "only_models"} == set(people.UserLimits.fields) == set(people.GroupLimits.fields)


@pytest.mark.parametrize("name", standing.SETTINGS)
def test_each_limit_is_read_by_its_name(alice: User, settings: Any, name: str) -> None:
    for number, setting in enumerate(standing.SETTINGS.values(), 10):
        setattr(settings, setting, number)
    usual = standing.read(alice.pk).most
    assert usual[: len(standing.SETTINGS)] == tuple(range(10, 10 + len(standing.SETTINGS)))
    group = Group.objects.create(name="Scribes")
    Limits.objects.create(group=group, **{name: 99})
    alice.groups.add(group)
    assert standing.read(alice.pk).most == usual._replace(**{name: 99})
    Limits.objects.create(user=alice, **{name: 7})
    assert standing.read(alice.pk).most == usual._replace(**{name: 7})


def test_a_group_and_then_a_user_differ_from_the_settings(alice: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 1
    spent(alice, count=3)
    for name, per_day in (("Readers", 2), ("Writers", 4)):
        group = Group.objects.create(name=name)
        Limits.objects.create(group=group, per_day=per_day)
        alice.groups.add(group)
    assert limits.allowance(alice)[:2] == (1, 4)
    start(alice)
    assert refusal(alice).reason == "quota"
    own = Limits.objects.create(user=alice, per_day=3)
    assert limits.allowance(alice)[:2] == (0, 3)
    Limits.objects.filter(pk=own.pk).update(per_day=0)
    start(alice)


def test_a_shorter_and_a_longer_prompt(alice: User, bob: User, settings: Any) -> None:
    settings.CHAT_MAX_PROMPT_CHARS = 10
    Limits.objects.create(user=alice, prompt_chars=20)
    start(alice, "x" * 20)
    assert "too long by 1 character;" in refusal(alice, "x" * 21).text
    assert refusal(bob, "x" * 11).reason == "length"


def test_models_of_a_group(alice: User, bob: User) -> None:
    Limits.objects.create(user=alice, only_models="another-model")
    assert "may not use the model" in refusal(alice).text
    start(bob)


def test_the_day_of_a_provider_is_for_the_whole_site(alice: User, bob: User, settings: Any) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 4}
    spent(None, count=3)
    start(bob)
    for user in (alice, bob):
        refused = refusal(user)
        assert refused.reason == "quota"
        assert "this site" in refused.text
    settings.PROVIDER_DAILY_MESSAGES = {"openai": 4}
    start(alice)


def test_the_day_of_a_provider_is_shared_fairly(alice: User, bob: User, settings: Any) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 10}
    settings.CHAT_CONCURRENT_REPLIES = 0
    spent(alice, count=5)
    spent(bob)
    assert "the rest is for others" in refusal(alice).text
    for _number in range(4):
        start(bob)
    assert "no more messages today" in refusal(bob).text


def test_who_is_alone_may_have_all_of_it(alice: User, settings: Any) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 6}
    settings.CHAT_CONCURRENT_REPLIES = 0
    for _number in range(6):
        start(alice)
    assert refusal(alice).reason == "quota"


def test_the_page_tells_what_is_left_and_when_it_renews(client: Client, alice: User, settings: Any) -> None:
    client.force_login(alice)
    assert 'id="allowance"' not in client.get("/").content.decode()
    settings.CHAT_DAILY_MESSAGES = 7
    spent(alice, count=2)
    page = client.get("/").content.decode()
    assert "5 of 7 messages left" in page
    assert "one more <time" in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", "{} of 4 messages left"), ("ru", "Осталось сообщений: {} из 4")]
)
async def test_an_open_page_hears_what_is_left_with_every_answer(
    engine: Engine, alice: User, settings: Any, language: str, words: str
) -> None:
    settings.CHAT_DAILY_MESSAGES = 4
    begun = await conversations.start(alice, uuid.uuid4(), "Go !cut")
    await settled(begun.reply)

    async def is_left(count: int) -> None:
        left = {"id": "allowance"}
        frame = await page.until(lambda frame: any(left.items() <= part.items() for part in frame["fragments"]))
        assert words.format(count) in html_of(frame)
        assert "<time" in html_of(frame)
        await page.settled()

    async with Page(alice, begun.prompt.conversation_id, language=language, asks_for="") as page:
        await page.settled()
        await page.say(type="continue", pk=begun.reply.pk)
        await is_left(2)
        await page.say(type="retry", pk=begun.reply.pk)
        await is_left(1)
        await page.ask("Hello")
        await is_left(0)
        await page.ask("One too many")
        assert (await page.refusal())["reason"] == "quota"


async def test_a_page_without_a_daily_limit_hears_nothing_of_one(engine: Engine, alice: User) -> None:
    begun = await conversations.start(alice, uuid.uuid4(), "Hello")
    async with Page(alice, begun.prompt.conversation_id, asks_for="") as page:
        await page.settled()
        await page.ask("Hello")
        await page.settled()
    assert "allowance" not in str(page.frames)


def test_asking_costs_two_statements_for_all_limits(alice: User, settings: Any) -> None:
    conversation = talk(alice, "One", "Two")
    settings.CHAT_DAILY_MESSAGES = settings.CHAT_MINUTE_MESSAGES = 100
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 100}
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        asking._ask(alice, conversation.pk, uuid.uuid4(), "Three", None)
    statements = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVE", "RELE"))]
    assert len([sql for sql in statements if "chat_spent" in sql]) == 2
    assert len(statements) == 6 + (connection.vendor == "postgresql")  # where the provider's turn is waited for


def test_limits_are_set_in_the_admin(client: Client, charlie: User, alice: User) -> None:
    client.force_login(charlie)
    assert "limits-0-per_day" in client.get(f"/admin/chat/user/{alice.pk}/change/").content.decode()
    group = Group.objects.create(name="Writers")
    form = {
        "name": "Writers",
        "limits-TOTAL_FORMS": "1",
        "limits-INITIAL_FORMS": "0",
        "limits-0-group": str(group.pk),
        "limits-0-per_day": "9",
    }
    assert client.post(f"/admin/auth/group/{group.pk}/change/", form).status_code == 302
    assert Limits.objects.get().per_day == 9


def test_limits_stay_quick_with_a_long_past(alice: User, settings: Any) -> None:
    settings.CHAT_DAILY_MESSAGES = 100
    now = now_ms()
    Spent.objects.bulk_create(
        [Spent(user=alice, at_ms=now - DAY_MS - number, provider="magickpen") for number in range(20_000)], 1000
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        assert limits.allowance(alice).left == 100
    assert float(queries[0]["time"]) < 0.03


def test_a_crowd_of_askers_is_counted_only_in_the_second_half_of_a_providers_day(alice: User, settings: Any) -> None:
    settings.PROVIDER_DAILY_MESSAGES = {"magickpen": 100}
    spent(None, count=48)
    for is_counted in (False, False, True):
        with CaptureQueriesContext(connection) as queries:
            start(alice)
        assert any("DISTINCT user_id" in query["sql"] for query in queries) == is_counted
