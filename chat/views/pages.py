"""The HTTP door: pages, and every action as a plain form."""

import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat import conversations, inputs
from chat.accounts import choices, first_administrator, sessions
from chat.conversations import actions, drafts, keeping, listing
from chat.limits import allowance
from chat.messages import fragments, versions
from chat.models import Author, Conversation, Message, User
from chat.operations import readiness
from chat.refusals import Refused
from chat.views.actions import from_form
from chat.views.forms import FirstAdministratorForm
from chat.views.redirects import HttpResponseSeeOther, way_back
from chat.voices import offers, personas

MOST_MESSAGES = 50
MOST_RECALLED = 500
"""A reader who left further up than this comes back to the end."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def home(request: HttpRequest) -> HttpResponse:
    """An empty page; its form begins a conversation."""
    user = await sessions.person(request)
    if request.method != "POST":
        return await sync_to_async(_blank_page)(request, user)
    try:
        key, text = actions.key(request.POST.get("key")), actions.text(request.POST.get("text"))
        asked = await conversations.start(user, key, text, request.POST.dict())
    except Refused as refusal:
        return await sync_to_async(_blank_page)(request, user, refusal)
    return HttpResponseSeeOther(asked.prompt.conversation.get_absolute_url())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """A conversation; its forms are the actions that a socket's frames are with script."""
    user = await sessions.person(request)
    if request.method != "POST":
        return await sync_to_async(_conversation_page)(request, user, conversation_id)
    try:
        command = from_form(request.POST.dict())
        await actions.carry_out(user, conversation_id, command)
    except Refused as refusal:
        return await sync_to_async(_conversation_page)(request, user, conversation_id, refusal)
    is_about_answer = actions.ACTIONS[command.type].is_about_answer
    return HttpResponseSeeOther(request.path + (f"#a-{command.pk}" if is_about_answer else "#end"))


@login_required
@require_GET
def source(request: HttpRequest, conversation_id: uuid.UUID, pk: int) -> HttpResponse:
    """A message as it was written, for Copy: Markdown, as plain text."""
    message = _find(request.user, conversation_id).messages.filter(pk=pk).first()
    if message is None:
        raise Http404
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice of light or dark in a cookie."""
    chosen = request.POST.get("theme", "")
    chosen = chosen if chosen in ("light", "dark") else ""
    response = HttpResponseSeeOther(way_back(request.POST))
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    choices.keep(response, "theme", chosen)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Makes the first administrator, once, for whoever has the link from the terminal."""
    if not first_administrator.is_valid(token):
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/setup.html", {"form": form})
    user = first_administrator.create_first(form.save(commit=False))
    if user is None:
        raise Http404
    login(request, user)
    return HttpResponseSeeOther("/")


@require_http_methods(["GET", "HEAD"])
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok\n", content_type="text/plain")


def _find(user: Any, conversation_id: uuid.UUID) -> Conversation:
    try:
        return conversations.find(user, conversation_id)
    except Refused:
        raise Http404 from None


def _blank_page(request: HttpRequest, user: User, refusal: Refused | None = None) -> HttpResponse:
    return _page(request, user, None, [], refusal)


def _conversation_page(
    request: HttpRequest, user: User, conversation_id: uuid.UUID, refusal: Refused | None = None
) -> HttpResponse:
    conversation = _find(user, conversation_id)
    messages, most = conversation.messages.shown(), MOST_MESSAGES
    if before := inputs.key(request.GET.get("before", "")):
        messages = messages.filter(pk__lt=before)
    elif start := inputs.key(request.GET.get("from", "")) or _place(request, user):
        wanted = messages.filter(pk__gte=start).count()
        most = max(most, wanted) if wanted <= MOST_RECALLED else most
    newest = list(messages.reverse()[: most + 1])
    if newest and (settled := newest[0].settled) and settled > conversation.looked:
        keeping.look(user, [conversation.pk])
    earlier = newest[most - 1].pk if len(newest) > most else None
    return _page(request, user, conversation, newest[:most][::-1], refusal, earlier)


def _page(
    request: HttpRequest,
    user: User,
    conversation: Conversation | None,
    messages: list[Message],
    refusal: Refused | None,
    earlier: int | None = None,
) -> HttpResponse:
    mine = allowance(user)
    voice = personas.of(conversation) if conversation else personas.chosen(user, request.POST.dict(), mine.models)
    editing = _edited(request, conversation)
    draft = None if editing or refusal or "text" in request.GET else drafts.of(conversation or user)
    context = listing.context(user, request.GET.get("undo", "")) | {
        "conversation": conversation,
        "messages": [fragments.Shown(message) for message in versions.attach(messages)],
        "earlier": earlier,
        "is_live": any(message.is_live for message in messages),
        "key": draft.key if draft else uuid.uuid4(),
        "draft": draft.text if draft else "",
        "editing": editing.pk if editing else None,
        "text": request.POST.get("text", "") if refusal else editing.text if editing else "",
        "refusal": refusal.text if refusal else "",
        "model": voice.offer.model,
        "provider": voice.offer.label,
        "voice": voice,
        "offers": offers.listed(mine.models) or [voice.offer],
        "personas": personas.available(user),
        "allowance": mine,
        "max_chars": mine.max_chars,
    }
    return render(request, "chat/conversation.html", context, status=_status(refusal))


def _edited(request: HttpRequest, conversation: Conversation | None) -> Message | None:
    """The prompt that `?edit=` names, if there is such a one on this page's branch."""
    pk = inputs.key(request.GET.get("edit", ""))
    return conversation.messages.shown().filter(pk=pk, author=Author.USER).first() if conversation and pk else None


def _place(request: HttpRequest, user: User) -> int | None:
    """The message at which this reader left the conversation, which their browser remembers; None for the end."""
    person, _sign, place = request.COOKIES.get("place", "").partition(":")
    return inputs.key(place.partition(":")[0]) if person == sessions.digest(user) else None


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    return {"quota": 429, "rate": 429, "busy": 409, "state": 409, "not_found": 404}.get(refusal.reason, 400)


@require_http_methods(["GET", "HEAD"])
async def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve people: database, layer between processes, providers."""
    problems = await readiness.problems()
    return HttpResponse("".join(f"{line}\n" for line in problems or ["ok"]), "text/plain", 503 if problems else 200)
