"""The HTTP door of a new site: who has its link from the terminal becomes the first administrator."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from chat.accounts import first_administrator
from chat.views.forms import FirstAdministratorForm
from chat.views.redirects import HttpResponseSeeOther


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
