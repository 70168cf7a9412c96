"""Every fault of the upstream ends in words that a person can act on, below whatever text had arrived."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from chat import conversations
from chat.messages import failures
from chat.models import Message, State, User
from chat.practice.upstream import Upstream
from chat.providers import MagickPen, errors
from chat.replies.engine import Engine
from tests.page import Page, html_of

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS = [
    ("!429=35", "rate_limited", "allows no more messages"),
    ("!500", "http_error", "reported an error"),
    ("!503", "http_error", "reported an error"),
    ("!400", "rejected", "did not accept this request"),
    ("!402", "account_used_up", "account with the answering service is used up"),
    ("!413", "too_long", "too long for the model"),
    ("!html", "unexpected_content", "not an answer"),
    ("!portal", "unexpected_content", "not an answer"),
    ("!redirect", "wrong_address", "OPENAI_BASE_URL"),
    ("!404", "wrong_address", "OPENAI_BASE_URL"),
    ("!gzip", "unexpected_content", "not an answer"),
    ("!refuse", "refused", "refused this server"),
    ("!reset", "hung_up", "hung up without an answer"),
    ("!empty", "empty", "an empty answer"),
    ("!cut", "cut_off", "broke in the middle"),
]


@pytest.mark.parametrize(("prompt", "code", "said"), FAULTS)
async def test_a_fault_ends_in_words(engine: Engine, alice: User, prompt: str, code: str, said: str) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), f"Tell me {prompt}")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
        html = html_of(page.frames[-1])
    assert (reply.state, reply.error) == (State.FAILED, code)
    assert said in html
    assert 'value="retry:' in html
    assert "The fault lies" in html


def below(kind: type[errors.ProviderError]) -> Iterator[type[errors.ProviderError]]:
    """Every class of the providers' own below an error, however deep."""
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
        yield from below(child)


KINDS = {kind.code: kind for kind in below(errors.ProviderError)}
OURS = {"internal", "interrupted"}


def test_every_error_of_a_provider_has_its_row_and_every_row_its_error() -> None:
    assert len(KINDS) > 20
    assert failures.CATALOGUE.keys() == KINDS.keys() | OURS


@pytest.mark.parametrize("code", KINDS)
def test_a_row_says_what_the_class_of_the_error_says(code: str) -> None:
    row, kind = failures.CATALOGUE[code], KINDS[code]
    assert (row.blame, row.button, row.retryable) == (kind.blame, kind.button, kind.retryable)


def test_no_two_failures_are_told_in_the_same_words() -> None:
    rows = failures.CATALOGUE.values()
    assert len({str(row.title) for row in rows}) == len({str(row.advice) for row in rows}) == len(rows)


def test_what_the_settings_cause_is_said_to_be_this_sites_fault() -> None:
    for code in ("wrong_address", "unknown_model", "key_refused", "account_used_up", "proxy_refused"):
        assert failures.CATALOGUE[code].blame == "site"


COMFORT = {
    "en": "try again|later|minutes|just now|passing",
    "ru": "ещё раз|повторите|позже|минут|сейчас|пройд",
}


@pytest.mark.parametrize("language", COMFORT)
@pytest.mark.parametrize("code", failures.CATALOGUE)
def test_a_lasting_trouble_is_never_told_as_a_passing_one(code: str, language: str) -> None:
    row = failures.CATALOGUE[code]
    with translation.override(language):
        told = f"{row.title} {row.advice}".lower()
    if not row.retryable:
        assert not re.search(COMFORT[language], told)
    elif language == "en":
        assert re.search(COMFORT[language], told)


@pytest.mark.parametrize("code", failures.CATALOGUE)
def test_where_no_button_helps_people_read_who_can(code: str) -> None:
    row = failures.CATALOGUE[code]
    if not row.button:
        assert "the administrator" in str(row.advice)


async def test_a_used_up_account_is_not_told_as_a_passing_trouble(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Tell me !402")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
        html = html_of(page.frames[-1])
    assert "The fault lies with this site, not with you." in html
    assert "only the administrator can do that" in html
    assert 'data-button=""' in html


@pytest.mark.parametrize(("prompt", "button"), [("!cut", "continue"), ("!cut=0", "retry"), ("!500", "retry")])
async def test_the_button_that_helps_is_one_that_is_there(
    engine: Engine, alice: User, prompt: str, button: str
) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), f"Tell me {prompt}")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
        html = html_of(page.frames[-1])
    assert f'data-button="{button}"' in html
    assert f'value="{button}:' in html


def test_a_failure_that_nobody_knows_any_more_is_one_of_ours() -> None:
    told = failures.of(Message(state=State.FAILED, error="of_long_ago"))
    assert told is not None
    assert told.code == "internal"


async def test_the_log_says_whose_fault_it_is_and_whether_it_lasts(
    engine: Engine, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "chat.replies.run")
    asked = await conversations.start(alice, uuid.uuid4(), "A private matter !402")
    async with Page(alice, asked.prompt.conversation_id) as page:
        await page.settled()
    assert "account_used_up" in caplog.text
    assert "fault: site, lasting" in caplog.text
    assert "private" not in caplog.text


async def test_an_answer_that_is_too_long_for_the_site_is_no_fault_of_the_service(
    engine: Engine, alice: User, settings: Any
) -> None:
    settings.CHAT_MAX_REPLY_CHARS = 1000
    asked = await conversations.start(alice, uuid.uuid4(), "!endless")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
        html = html_of(page.frames[-1])
    assert reply.error == "reply_too_long"
    assert "The fault lies with this site, not with you." in html


async def test_text_that_arrived_before_the_fault_is_kept_above_the_words(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "Tell me !cut")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
        html = html_of(page.frames[-1])
    assert reply.text
    assert html.index(reply.html) < html.index("broke in the middle")
    assert 'value="continue:' in html


async def test_a_limit_says_when_to_try_again(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!429=35")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
    assert reply.retry_at is not None
    assert 20 < (reply.retry_at - reply.created).total_seconds() < 60


async def test_rotated_secrets_are_read_again_and_nobody_notices(
    engine: Engine, alice: User, upstream: Upstream
) -> None:
    await asyncio.gather(MagickPen.fetch_api_credentials())
    asked = await conversations.start(alice, uuid.uuid4(), "!rotate")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
    assert reply.state == State.COMPLETE
    assert upstream.page_reads == 2


async def test_an_upstream_that_is_not_there(engine: Engine, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MagickPen, "url", "http://127.0.0.1:9")
    asked = await conversations.start(alice, uuid.uuid4(), "Anybody?")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
    assert (reply.state, reply.error) == (State.FAILED, "unreachable")


async def test_an_error_of_ours_is_said_and_logged_without_the_text(
    engine: Engine, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stumble(*args: object, **options: object):  # type: ignore[no-untyped-def]
        yield "one word"
        raise RuntimeError("no idea")

    monkeypatch.setattr(MagickPen, "create_async_generator", stumble)
    asked = await conversations.start(alice, uuid.uuid4(), "A very private question")
    async with Page(alice, asked.prompt.conversation_id) as page:
        reply = await page.settled()
    assert (reply.state, reply.error, reply.text) == (State.FAILED, "internal", "one word")
    assert "ended by an error of ours" in caplog.text
    assert "private" not in caplog.text


async def test_a_failed_reply_is_retried_in_its_place(engine: Engine, alice: User) -> None:
    asked = await conversations.start(alice, uuid.uuid4(), "!500")
    async with Page(alice, asked.prompt.conversation_id) as page:
        failed = await page.settled()
        await page.say(type="retry", pk=failed.pk)
        gone = await page.until(lambda frame: frame.get("fragments", [{}])[0].get("html") == "")
        again = await page.settled()
    assert gone["fragments"][0]["id"] == failed.dom_id
    assert again.pk != failed.pk
    assert again.parent_id == failed.parent_id
    assert not (await Message.objects.aget(pk=failed.pk)).shown


async def test_a_cut_reply_is_continued_in_the_same_message(engine: Engine, alice: User) -> None:
    whole = await conversations.start(alice, uuid.uuid4(), "Explain rainbows")
    async with Page(alice, whole.prompt.conversation_id) as page:
        expected = (await page.settled()).text
    asked = await conversations.start(alice, uuid.uuid4(), "Explain rainbows !cut")
    async with Page(alice, asked.prompt.conversation_id) as page:
        cut = await page.settled()
        await page.say(type="continue", pk=cut.pk)
        await page.until(lambda frame: 'data-state="streaming"' in html_of(frame))
        again = await page.settled()
    assert again.pk == cut.pk
    assert again.state == State.COMPLETE
    assert again.text.startswith(cut.text)
    assert again.text == expected
    assert again.error == ""
