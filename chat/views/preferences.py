"""The HTTP door of a person's own settings: preferences, everything to take along, everything to delete."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat import exports, limits
from chat.accounts import choices, erasure, presence, sessions
from chat.models import Conversation, User
from chat.refusals import Refused
from chat.views.forms import PreferencesForm
from chat.views.redirects import HttpResponseSeeOther, way_back


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    """What one has chosen, and the ways to one's data."""
    user = _user(request)
    if request.method == "POST" and request.POST.get("action") == "delete-conversations":
        return _delete_conversations(request, user)
    form = PreferencesForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        messages.success(request, _("Saved."))
        return choices.remember(user, HttpResponseSeeOther(request.path), forget=True)
    return _page(request, user, form, 400 if form.errors else 200)


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


@login_required
@require_GET
async def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """A zip of everything, made while it is sent; a few times an hour."""
    user = await sessions.person(request)
    try:
        await sync_to_async(limits.take_export)(user)
    except Refused as refused:
        return await sync_to_async(_too_often)(request, user, refused)
    disposition = 'attachment; filename="magickpen-chat.zip"'
    return StreamingHttpResponse(_stream(user), "application/zip", headers={"Content-Disposition": disposition})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@presence.required
def delete_account(request: HttpRequest) -> HttpResponse:
    """The end of an account, for who has just shown to be its owner and types the name."""
    user = _user(request)
    refusal = ""
    if request.method == "POST":
        if request.POST.get("name") != user.username:
            refusal = _("This is not the name of your account.")
        else:
            try:
                receipt = erasure.account(user)
            except Refused as refused:
                refusal = refused.text
            else:
                logout(request)
                return render(request, "account/deleted.html", {"receipt": receipt})
    return render(request, "account/delete.html", {"refusal": refusal}, status=400 if refusal else 200)


def _page(request: HttpRequest, user: User, form: PreferencesForm, status: int) -> HttpResponse:
    context = {"form": form, "count": Conversation.objects.for_user(user).count()}
    return render(request, "account/settings.html", context, status=status)


def _too_often(request: HttpRequest, user: User, refused: Refused) -> HttpResponse:
    messages.error(request, refused.text)
    response = _page(request, user, PreferencesForm(instance=user), 429)
    response["Retry-After"] = str(refused.retry_after)
    return response


def _delete_conversations(request: HttpRequest, user: User) -> HttpResponse:
    try:
        if not request.POST.get("sure"):
            raise Refused("invalid", _("Nothing was deleted: tick the box to say that you are sure."))
        count = erasure.all_conversations(user)
    except Refused as refused:
        messages.error(request, refused.text)
    else:
        words = ngettext("%(count)d conversation was deleted.", "%(count)d conversations were deleted.", count)
        messages.success(request, words % {"count": count})
    return HttpResponseSeeOther(request.path)


async def _stream(user: User) -> AsyncIterator[bytes]:
    pieces = exports.pieces(user)
    while (piece := await sync_to_async(_next)(pieces)) is not None:
        if piece:
            yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
