"""The HTTP door of the list of conversations: its own page, and what an owner does with whole conversations."""

import uuid
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from chat import database, inputs, live
from chat.accounts import sessions
from chat.conversations import keeping, listing
from chat.models import Conversation, Shelf, User
from chat.views.redirects import HttpResponseSeeOther, way_back

SHELVES = {"pin": Shelf.PINNED, "archive": Shelf.ARCHIVE, "list": Shelf.LIST}
MOST_QUERY_CHARS = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def conversations(request: HttpRequest) -> HttpResponse:
    """The list on a page of its own; its form, like those of other pages, does something with some conversations."""
    user = await sessions.person(request)
    if request.method != "POST":
        return await sync_to_async(_list_page)(request, user)
    undo = await database.run(_carry_out, user, request.POST)
    await live.tell(user.pk)
    return HttpResponseSeeOther(way_back(request.POST, **({"undo": undo} if undo else {})))


@login_required
@require_GET
def beside(request: HttpRequest, conversation_id: uuid.UUID | None = None) -> HttpResponse:
    """The list that stands beside every page, and the title of the page's conversation, for a page told of a change.

    That may be that another tab deleted this conversation, so a deleted one is found, too.
    """
    assert isinstance(request.user, User)
    own = Conversation.objects.filter(owner=request.user)
    current = get_object_or_404(own, pk=conversation_id) if conversation_id else None
    return render(request, "chat/_beside.html", listing.context(request.user) | {"conversation": current})


def _list_page(request: HttpRequest, user: User) -> HttpResponse:
    title = inputs.text(request.GET.get("q", ""), MOST_QUERY_CHARS)
    archived, before = "archived" in request.GET, request.GET.get("before", "")
    found = listing.shelf(user, Shelf.ARCHIVE, before, title) if archived else listing.everything(user, before, title)
    same = ({"archived": ""} if archived else {}) | ({"q": title} if title else {})
    first_page = None if archived or before or title else found
    context = listing.context(user, request.GET.get("undo", ""), first_page) | {
        "found_groups": listing.grouped(found.rows),
        "archived": archived,
        "q": title,
        "next_page": urlencode({**same, "before": found.older}) if found.older else "",
        "is_later": bool(before),
    }
    return render(request, "chat/conversations.html", context)


def _carry_out(user: User, form: QueryDict) -> str:
    """Does what a form asks for; returns the mark with which a deletion can be undone, or ""."""
    action = form.get("action", "")
    if action == "restore":
        keeping.restore(user, form.get("undo", ""))
        return ""
    ids = _ids(form)
    if action == "delete":
        return keeping.delete(user, ids)
    if action == "rename":
        keeping.rename(user, ids[:1], form.get("title", ""))
    elif action in SHELVES:
        keeping.put(user, ids, SHELVES[action])
    else:
        raise Http404
    return ""


def _ids(form: QueryDict) -> list[uuid.UUID]:
    """The conversations that a form names; a form without any tick names none."""
    try:
        return [uuid.UUID(value) for value in form.getlist("id")]
    except ValueError:
        raise Http404 from None
