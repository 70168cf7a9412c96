"""Pages are in the reader's time zone; nothing of it stays behind, or reaches other readers."""

import asyncio
import re
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.utils import timezone
from django.utils.formats import date_format

from chat.models import Conversation, Message, User
from chat.replies.engine import Engine
from magickpen_site import zones
from tests.page import Page
from tests.talks import talk

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)


def zone_where_it_is(hour: int) -> str:
    """A zone in which this hour of the day has begun."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+}"


def said_at_noon(owner: User) -> Conversation:
    conversation = talk(owner, "Hello")
    Message.objects.update(created=NOON)
    return conversation


def headings(client: Client, path: str) -> list[str]:
    lists = re.findall(
        '<nav class="conversations".*?</nav>|<form id="found".*?</form>', client.get(path).content.decode(), re.S
    )
    return re.findall("<h2>(.*?)</h2>", "".join(lists))


@pytest.mark.parametrize(("hour", "heading"), [(0, "Yesterday"), (12, "Today")])
@pytest.mark.parametrize("path", ["/", "/conversations/", "/conversations/beside/"])
def test_days_in_the_list_are_those_of_the_reader(
    client: Client, alice: User, path: str, hour: int, heading: str
) -> None:
    talk(alice, "Hello")
    Conversation.objects.update(updated=timezone.now() - timedelta(minutes=61))
    client.force_login(alice)
    client.cookies["zone"] = zone_where_it_is(hour)
    assert set(headings(client, path)) == {heading}


def test_times_are_those_of_the_reader(client: Client, alice: User) -> None:
    address = said_at_noon(alice).get_absolute_url()
    client.force_login(alice)
    for zone, time in (("Asia/Tokyo", "9:30 p.m."), ("America/New_York", "7:30 a.m."), ("", "12:30 p.m.")):
        client.cookies["zone"] = zone
        page = client.get(address).content.decode()
        assert f'<time datetime="2025-03-01T12:30:00+00:00">03/01/2025 {time}</time>' in page


def test_a_reader_whose_zone_is_unknown_gets_the_sites(client: Client, alice: User, settings: object) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"  # type: ignore[attr-defined]
    address = said_at_noon(alice).get_absolute_url()
    client.force_login(alice)
    for zone in ("", "Nowhere/Else", "UTC\x01"):
        client.cookies["zone"] = zone
        assert "03/01/2025 9:30 p.m.</time>" in client.get(address).content.decode()
    client.cookies["zone"] = "UTC"
    assert "03/01/2025 12:30 p.m.</time>" in client.get(address).content.decode()


def test_administrators_read_and_write_times_of_their_own_zone(client: Client, alice: User, charlie: User) -> None:
    talk(alice, "Hello")
    Conversation.objects.update(updated=NOON)
    client.force_login(charlie)
    client.cookies["zone"] = "Asia/Tokyo"
    page = client.get("/admin/chat/conversation/").content.decode()
    assert "March 1, 2025, 9:30 p.m." in page
    client.post("/admin/chat/invitation/add/", {"most": 1, "expires_0": "2030-01-01", "expires_1": "08:00:00"})
    assert charlie.invitations_made.get().expires == datetime(2029, 12, 31, 23, 0, tzinfo=UTC)


def test_administrators_see_the_list_in_a_zone_that_the_database_does_not_know(
    client: Client, alice: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/usr/share/zoneinfo/Asia/Tokyo", "rb") as file:  # noqa: PTH123
        unknown = ZoneInfo.from_file(file, "Edo/Castle")
    monkeypatch.setattr(zones, "find", lambda _name: unknown)
    talk(alice, "Hello")
    Conversation.objects.update(updated=NOON)
    client.force_login(charlie)
    assert "March 1, 2025, 9:30 p.m." in client.get("/admin/chat/conversation/").content.decode()


@pytest.mark.parametrize(
    "name",
    ["", "Nowhere/Else", "Asia", "America/Argentina", "localtime", "tzdata.zi", "posix/UTC", "utc", "UTC\n", "UTC\x00",
     "../../../etc/passwd", "/etc/localtime", "Asia/../Asia/Tokyo", "Ást/Tokyo", "\udcff", "A" * 31, "Asia" * 100_000],
)  # fmt: skip
def test_what_is_no_zone_is_ignored(name: str) -> None:
    assert zones.find(name) is None


@pytest.mark.parametrize("name", ["UTC", "Europe/Kyiv", "Asia/Calcutta", "America/Argentina/Buenos_Aires", "Etc/GMT+3"])
def test_whatever_browsers_call_a_zone_is_known(name: str) -> None:
    assert str(zones.find(name)) == name


async def test_readers_of_one_moment_do_not_mix(alice: User) -> None:
    address = (await database_sync_to_async(said_at_noon)(alice)).get_absolute_url()

    async def shown(zone: str) -> str:
        browser = AsyncClient()
        await browser.aforce_login(alice)
        browser.cookies["zone"] = zone
        page = (await browser.get(address)).content.decode()
        return re.findall(r"03/01/2025 (.*?)</time>", page)[0]

    times = {"Asia/Tokyo": "9:30 p.m.", "America/New_York": "7:30 a.m.", "": "12:30 p.m.", "Asia/Kolkata": "6 p.m."}
    assert await asyncio.gather(*map(shown, [*times] * 3)) == [*times.values()] * 3
    assert await asyncio.gather(asyncio.to_thread(here), sync_to_async(here)()) == ["UTC", "UTC"]


@pytest.mark.parametrize("outcome", [HttpResponse(), ValueError()])
async def test_nothing_of_it_is_left_after_a_request(outcome: HttpResponse | ValueError) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(here())
        if isinstance(outcome, ValueError):
            raise outcome
        return outcome

    async def async_view(request: HttpRequest) -> HttpResponse:
        return view(request)

    request = HttpRequest()
    request.COOKIES["zone"] = "Asia/Tokyo"
    for call in (zones.middleware(async_view), sync_to_async(zones.middleware(view))):
        try:
            await call(request)
        except ValueError:
            assert isinstance(outcome, ValueError)
        assert [here(), await sync_to_async(here)()] == ["UTC", "UTC"]
    assert seen == ["Asia/Tokyo"] * 2


def here() -> str:
    return timezone.get_current_timezone_name()


async def test_what_all_readers_share_is_in_nobodys_zone(engine: Engine, alice: User) -> None:
    conversation = await database_sync_to_async(talk)(alice, "Hello", "Hi")
    browser = AsyncClient()
    await browser.aforce_login(alice)
    browser.cookies["zone"] = "Asia/Tokyo"
    async with Page(alice, conversation.pk) as page:
        await page.settled()
        page.frames.clear()
        form = {"action": "ask", "text": "And now?", "key": str(uuid.uuid4())}
        assert (await browser.post(conversation.get_absolute_url(), form)).status_code == 303
        await page.settled()
    html = "".join(f["html"] for frame in page.frames for f in frame.get("fragments", []) if "html" in f)
    times = re.findall(r'<time datetime="(.*?)">(.*?)</time>', html)
    assert len(times) > 1
    for at, text in times:
        assert text == date_format(datetime.fromisoformat(at), "SHORT_DATETIME_FORMAT")
