"""The pages of accounts that django-allauth has not, or that depend on whether the site sends mail."""

import logging
from typing import cast

import requests
from allauth.account import views as allauth_views
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn import views as webauthn_views
from allauth.socialaccount.providers.openid_connect import views as oidc_views
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chat import names
from chat.accounts import guesses, invitations

logger = logging.getLogger(__name__)


def sign_in(request: HttpRequest) -> HttpResponse:
    """allauth's; who has signed in here before is not counted with others of the same address."""
    login = request.POST.get("login", "")[: names.MOST_TYPED]
    is_known = request.method == "POST" and guesses.is_known(request, login)
    refusal = None if is_known else _refusal(request, "sign_in")
    return refusal or cast("HttpResponse", allauth_views.login(request))


def passkey(request: HttpRequest) -> HttpResponse:
    """allauth's, which writes a session for whoever asks for a challenge; so that is limited, too."""
    refusal = _refusal(request, "challenge", limit_get=True)
    return refusal or cast("HttpResponse", webauthn_views.login_webauthn(request))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The answer to whoever has passed a limit; all of allauth's that end so are for a minute."""
    return _later(render(request, "429.html", status=429), 60)


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Says that an administrator has to let one in; the same for everybody who looks."""
    return render(request, "account/waiting.html")


def email(request: HttpRequest) -> HttpResponse:
    """One's e-mail addresses; a site without mail could not verify any."""
    if not settings.HAS_MAIL:
        raise Http404
    answer: HttpResponse = allauth_views.email(request)
    return answer


def reset_password(request: HttpRequest) -> HttpResponse:
    """A new password by mail, or else whom to ask."""
    if not settings.HAS_MAIL:
        return render(request, "account/ask_administrator.html")
    answer: HttpResponse = allauth_views.password_reset(request)
    return answer


def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way to the identity provider; one that is away, or talks nonsense, is told in a sentence."""
    if refusal := _refusal(request, "single_sign_on", limit_get=True):
        return refusal
    try:
        answer: HttpResponse = oidc_views.login(request, provider_id)
    except (requests.RequestException, KeyError) as error:
        logger.warning("The identity provider cannot be used (%s).", type(error).__name__)
        return render(request, "account/provider_away.html", status=502)
    return answer


@login_required
@require_safe
def sign_on_again(request: HttpRequest) -> HttpResponse:
    """Sends to the identity provider whoever has nothing else to show that they are the owner of the account."""
    return render(request, "account/sign_on_again.html", {"next": get_next_redirect_url(request) or "/"})


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opens the way to sign-up for whoever has the link; says so when it is used up, expired or wrong."""
    found = invitations.find(token)
    if found is None:
        return render(request, "account/invitation_over.html", status=404)
    invitations.keep(request, found)
    return HttpResponseRedirect(reverse("account_signup"))


def _refusal(request: HttpRequest, action: str, *, limit_get: bool = False) -> HttpResponse | None:
    """Counts a request of this kind; the page that says so if it is one too many."""
    counted = ratelimit.consume(request, app=guesses.APP, action=action, limit_get=limit_get)
    return too_many_requests(request) if counted is None else None


def _later(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    return response
