"""The HTTP door of the composer: what is being written, before it is said."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_POST

from chat import database
from chat.accounts import sessions
from chat.conversations import drafts


@login_required
@require_POST
async def draft(request: HttpRequest, conversation_id: uuid.UUID | None = None) -> HttpResponse:
    """Keeps a draft: fields `text` and `key`."""
    user = await sessions.person(request)
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return HttpResponseBadRequest()
    await database.run(drafts.save, user, conversation_id, key, request.POST.get("text", ""))
    return HttpResponse(status=204)
