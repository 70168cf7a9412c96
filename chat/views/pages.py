"""The HTTP door of talking: the page of a new conversation and of each that was begun, and their actions as forms."""

import uuid

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from chat import conversations, inputs, refusals
from chat.accounts import sessions
from chat.conversations import actions, drafts, excerpts, keeping, listing
from chat.conversations.excerpts import Excerpt
from chat.limits import Allowance, allowance
from chat.messages import fragments, versions
from chat.models import Author, Conversation, Message, User
from chat.refusals import Refused
from chat.views import refused
from chat.views.actions import from_form
from chat.views.redirects import HttpResponseSeeOther
from chat.voices import offers, personas
from chat.voices.personas import Choice, Voice

Context = dict[str, object]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def home(request: HttpRequest) -> HttpResponse:
    """An empty page; its form begins a conversation."""
    user = await sessions.person(request)
    if request.method != "POST":
        return await sync_to_async(_blank_page)(request, user, Choice())
    choice = personas.choice(request.POST.dict())
    try:
        key, text = actions.key(request.POST.get("key")), actions.text(request.POST.get("text"))
        asked = await conversations.start(user, key, text, choice)
    except Refused as refusal:
        return await sync_to_async(_blank_page)(request, user, choice, refusal)
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
    assert isinstance(request.user, User)
    message = conversations.find(request.user, conversation_id).messages.filter(pk=pk).first()
    if message is None:
        raise refusals.no_such_message()
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


def _blank_page(request: HttpRequest, user: User, choice: Choice, refusal: Refused | None = None) -> HttpResponse:
    mine = allowance(user)
    context = _said(Excerpt([])) | _answering(user, personas.chosen(user, choice, mine.models), mine)
    return _page(request, user, context | _writing(request, user, refusal), refusal)


def _conversation_page(
    request: HttpRequest, user: User, conversation_id: uuid.UUID, refusal: Refused | None = None
) -> HttpResponse:
    conversation = conversations.find(user, conversation_id)
    excerpt = _excerpt(request, user, conversation)
    _look(user, conversation, excerpt)
    context = _said(excerpt) | _answering(user, personas.of(conversation), allowance(user))
    context |= _writing(request, conversation, refusal, _edited(request, conversation))
    return _page(request, user, context | {"conversation": conversation}, refusal)


def _page(request: HttpRequest, user: User, context: Context, refusal: Refused | None) -> HttpResponse:
    context = listing.context(user, request.GET.get("undo", "")) | context
    return render(request, "chat/conversation.html", context, status=refused.status(refusal) if refusal else 200)


def _excerpt(request: HttpRequest, user: User, conversation: Conversation) -> Excerpt:
    """What an address asks for, else what the reader saw last."""
    if pk := inputs.key(request.GET.get("before", "")):
        return excerpts.before(conversation, pk)
    if pk := inputs.key(request.GET.get("from", "")) or _place(request, user):
        return excerpts.since(conversation, pk)
    return excerpts.newest(conversation)


def _place(request: HttpRequest, user: User) -> int | None:
    """The message at which this reader left the conversation, which their browser remembers; None for the end."""
    person, _sign, place = request.COOKIES.get("place", "").partition(":")
    return inputs.key(place.partition(":")[0]) if person == sessions.digest(user) else None


def _look(user: User, conversation: Conversation, excerpt: Excerpt) -> None:
    """Takes the mark of something new from the conversation when its owner sees that."""
    settled = excerpt.messages[-1].settled if excerpt.messages else None
    if settled and settled > conversation.looked:
        keeping.look(user, [conversation.pk])


def _edited(request: HttpRequest, conversation: Conversation) -> Message | None:
    """The prompt that `?edit=` names, if there is such a one on this page's branch."""
    pk = inputs.key(request.GET.get("edit", ""))
    return conversation.messages.shown().filter(pk=pk, author=Author.USER).first() if pk else None


def _said(excerpt: Excerpt) -> Context:
    return {
        "messages": [fragments.Shown(message) for message in versions.attach(excerpt.messages)],
        "earlier": excerpt.earlier,
        "is_live": any(message.is_live for message in excerpt.messages),
    }


def _answering(user: User, voice: Voice, mine: Allowance) -> Context:
    """Who answers, who else could, and how much is left of that."""
    return {
        "model": voice.offer.model,
        "provider": voice.offer.label,
        "answers": " · ".join(filter(None, (voice.offer.model, voice.offer.label))),
        "voice": voice,
        "offers": offers.listed(mine.models) or [voice.offer],
        "personas": personas.available(user),
        "allowance": mine,
        "max_chars": mine.max_chars,
    }


def _writing(
    request: HttpRequest, owner: User | Conversation, refusal: Refused | None, editing: Message | None = None
) -> Context:
    """What stands in the composer: what was refused, an earlier prompt to be changed, or the draft."""
    draft = None if editing or refusal or "text" in request.GET else drafts.of(owner)
    return {
        "key": draft.key if draft else uuid.uuid4(),
        "draft": draft.text if draft else "",
        "editing": editing.pk if editing else None,
        "text": request.POST.get("text", "") if refusal else editing.text if editing else "",
        "refusal": refusal.text if refusal else "",
    }
