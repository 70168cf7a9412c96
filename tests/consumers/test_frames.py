"""Who may send which frame: all of them, for everybody who is not Alice. What is not in the table fails."""

import inspect
import json
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat import conversations
from chat.consumers import frames, patrol
from chat.conversations import actions
from chat.models import User
from chat.refusals import Refused
from chat.replies.engine import Engine
from chat.views.actions import from_form
from tests.page import Page
from tests.strangers import INSIDE, OUTSIDE, SECRET, Alices, person, retire

pytestmark = pytest.mark.django_db(transaction=True)

FRAMES = {
    "ask": {"key": str(uuid.UUID(int=1)), "text": "Mine now"},
    "edit": {"pk": "PK", "key": str(uuid.UUID(int=2)), "text": "Mine now"},
    "retry": {"pk": "PK"},
    "continue": {"pk": "PK"},
    "switch": {"pk": "PK"},
    "stop": {},
    "up": {"pk": "PK"},
    "down": {"pk": "PK"},
    "comment": {"pk": "PK", "text": "Mine now"},
    "look": {},
    "ack": {"rev": 1},
    "resend": {"pk": "PK"},
}
"""Every frame type, with fields that would do something to Alice's conversation."""


def test_every_frame_is_in_the_table() -> None:
    assert set(FRAMES) == set(actions.ACTIONS) | set(frames.OWN)


@pytest.mark.parametrize("action", actions.ACTIONS.values(), ids=actions.ACTIONS)
def test_the_fields_of_an_action_are_what_its_verb_wants(action: actions.Action) -> None:
    user, conversation_id, *wanted = inspect.signature(action.verb).parameters.values()
    assert (user.name, conversation_id.name) == ("user", "conversation_id")
    assert action.fields == tuple(parameter.name for parameter in wanted if parameter.default is parameter.empty)


@pytest.mark.parametrize("kind", frames.OWN)
def test_what_is_about_a_socket_is_no_form(kind: str) -> None:
    with pytest.raises(Refused) as caught:
        from_form({"action": f"{kind}:1", "rev": "1"})
    assert caught.value.reason == "invalid"


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


async def carry_out(user: User, conversation_id: uuid.UUID, kind: str, fields: dict[str, Any]) -> None:
    """What the socket does with a frame, after it has looked at the session; as a form, `ack` is nothing."""
    frame = frames.from_frame(json.dumps({"type": kind, **fields}))
    if isinstance(frame, frames.Resend):
        await sync_to_async(conversations.catch_up)(user, conversation_id, frame.pk)
    await actions.carry_out(user, conversation_id, actions.from_fields(kind, fields))


@pytest.mark.parametrize("frame", sorted(FRAMES))
@pytest.mark.parametrize("who", INSIDE)
async def test_no_frame_and_no_form_of_others_does_anything(
    engine: Engine, alices: Alices, frame: str, who: str
) -> None:
    user = await sync_to_async(person)(who)
    assert user is not None
    before = await sync_to_async(alices.state)()
    fields = {**FRAMES[frame], **({"pk": alices.message.pk} if "pk" in FRAMES[frame] else {})}
    with pytest.raises(Refused) as caught:
        await carry_out(user, alices.conversation.pk, frame, fields)
    assert caught.value.reason == ("invalid" if frame == "ack" else "not_found")
    assert SECRET not in caught.value.text
    assert await sync_to_async(alices.state)() == before


@pytest.mark.parametrize("frame", sorted(set(FRAMES) - {"ack"}))
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
