"""Who may send which frame: all of them, for everybody who is not Alice. What is not in the table fails."""

import uuid

import pytest
from asgiref.sync import sync_to_async

from chat import conversations
from chat.consumers import patrol
from chat.conversations import actions
from chat.models import User
from chat.refusals import Refused
from chat.replies.engine import Engine
from tests.page import Page
from tests.strangers import INSIDE, OUTSIDE, SECRET, Alices, person, retire

pytestmark = pytest.mark.django_db(transaction=True)

FRAMES = {
    actions.ASK: {"key": str(uuid.UUID(int=1)), "text": "Mine now"},
    actions.EDIT: {"pk": "PK", "key": str(uuid.UUID(int=2)), "text": "Mine now"},
    actions.RETRY: {"pk": "PK"},
    actions.CONTINUE: {"pk": "PK"},
    actions.SWITCH: {"pk": "PK"},
    actions.STOP: {},
    actions.UP: {"pk": "PK"},
    actions.DOWN: {"pk": "PK"},
    actions.COMMENT: {"pk": "PK", "text": "Mine now"},
    actions.LOOK: {},
    actions.ACK: {"rev": 1},
    actions.RESEND: {"pk": "PK"},
}
"""Every frame type, with fields that would do something to Alice's conversation."""


def test_every_frame_is_in_the_table() -> None:
    assert set(FRAMES) == actions.ALL


@pytest.mark.parametrize("who", OUTSIDE + INSIDE)
async def test_nobody_joins_alices_conversation(engine: Engine, alices: Alices, who: str) -> None:
    user = await sync_to_async(person)(who)
    if who in ("pending", "deactivated"):
        await sync_to_async(retire)(who, user, "")
    page = Page(None if who == "signed out" else user, alices.conversation.pk)
    if who == "signed out":
        page.headers.append((b"cookie", b"sessionid=" + b"x" * 32))
    async with page:
        assert (await page.frame())["reason"] == ("signed_out" if who in OUTSIDE else "not_found")
        assert (await page.frame())["code"] == (4401 if who in OUTSIDE else 4404)
        assert SECRET not in str(page.frames)


async def carry_out(user: User, conversation_id: uuid.UUID, command: actions.Command) -> None:
    """What the socket does with a command, after it has looked at the session."""
    if command.type == actions.RESEND:
        await sync_to_async(conversations.catch_up)(user, conversation_id, command.pk or 0)
    await actions.carry_out(user, conversation_id, command)


@pytest.mark.parametrize("frame", sorted(FRAMES))
@pytest.mark.parametrize("who", INSIDE)
async def test_no_frame_and_no_form_of_others_does_anything(
    engine: Engine, alices: Alices, frame: str, who: str
) -> None:
    user = await sync_to_async(person)(who)
    assert user is not None
    before = await sync_to_async(alices.state)()
    command = actions.from_fields(
        frame, {**FRAMES[frame], **({"pk": alices.message.pk} if "pk" in FRAMES[frame] else {})}
    )
    with pytest.raises(Refused) as caught:
        await carry_out(user, alices.conversation.pk, command)
    assert caught.value.reason == ("invalid" if frame == actions.ACK else "not_found")
    assert SECRET not in caught.value.text
    assert await sync_to_async(alices.state)() == before


@pytest.mark.parametrize("frame", sorted(set(FRAMES) - {actions.ACK}))
@pytest.mark.parametrize("how", ["pending", "deactivated", "signed out"])
async def test_an_open_page_loses_every_frame_with_its_session(
    engine: Engine, alices: Alices, frame: str, how: str
) -> None:
    async with Page(alices.user, alices.conversation.pk, after=alices.message.pk) as page:
        await page.frame()
        await sync_to_async(retire)(how, alices.user, page.session_key)
        before = await sync_to_async(alices.state)()
        fields = {**FRAMES[frame], **({"pk": alices.message.pk} if "pk" in FRAMES[frame] else {})}
        await page.say(type=frame, **fields)
        assert (await page.refusal())["reason"] == "signed_out"
        assert (await page.until(lambda found: found["type"] == "closed"))["code"] == patrol.SIGNED_OUT
    assert await sync_to_async(alices.state)() == before
