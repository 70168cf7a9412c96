"""The HTTP door of personas: a person's library, and the voice of a conversation."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from chat import limits
from chat.conversations import listing
from chat.models import User
from chat.views.redirects import HttpResponseSeeOther
from chat.voices import personas


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def library(request: HttpRequest) -> HttpResponse:
    """One's own personas, to make, change and delete; and the shared ones, to read."""
    user = request.user
    assert isinstance(user, User)
    form = request.POST
    if request.method == "POST":
        pk = form.get("id", "")
        if form.get("action") == "delete":
            personas.delete(user, pk)
        else:
            personas.save(user, pk, form.get("name", ""), form.get("text", ""))
        return HttpResponseSeeOther(request.path)
    found = list(personas.available(user))
    context = listing.context(user) | {
        "own": [persona for persona in found if persona.owner_id],
        "shared": [persona for persona in found if not persona.owner_id],
    }
    return render(request, "chat/personas.html", context)


@login_required
@require_POST
def voice(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Gives a conversation another voice: fields `offer`, `persona`, `instructions`."""
    assert isinstance(request.user, User)
    models = limits.allowance(request.user).models
    personas.give(request.user, conversation_id, personas.choice(request.POST.dict()), models)
    return HttpResponseSeeOther(reverse("conversation", args=[conversation_id]))
