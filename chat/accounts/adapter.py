"""What this site does differently from django-allauth: who may sign up, under what name, and whose address counts."""

import logging
from ipaddress import IPv4Address, IPv6Address, ip_address
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chat import inputs, lines, links, names
from chat.accounts import choices, guesses, hashing, invitations
from chat.accounts.backend import login_of
from chat.models import User

logger = logging.getLogger(__name__)

LONGEST_NAME = 40
NOBODY = "0.0.0.0"  # noqa: S104 - not bound; a client behind a Unix socket has no address


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many failed login attempts, perhaps by somebody else. Wait five minutes."
            " You need not wait in a browser in which you have signed in before, with a passkey,"
            " or after you have got a new password."
        )
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP in ("open", "approval") or invitations.kept(request) is not None

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Refuses names that are too long, that mix scripts, or that people would take for somebody else's."""
        if len(username) > LONGEST_NAME:
            raise ValidationError(_("A name may have at most %(most)d characters.") % {"most": LONGEST_NAME})
        if lines.shown(username) != username:
            raise ValidationError(_("This name has characters in it that nobody can see."))
        if "@" in username:
            raise ValidationError(_("A name may not look like an e-mail address."))
        if len(names.scripts(username)) > 1:
            raise ValidationError(_("A name may not mix letters of several alphabets."))
        username = User.normalize_username(super().clean_username(username, shallow=True))
        if not shallow and User.objects.filter(lookalike=names.lookalike(username)).exists():
            raise ValidationError(_("This name is taken, or looks like one that is."))
        return username

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Saves a new account: active by invitation or where sign-up is open, else waiting for an administrator."""
        with hashing.GATE.turn(), transaction.atomic():
            invitation = admit(request, user)
            super().save_user(request, user, form, commit=commit)
            if invitation is not None and commit:
                invitations.welcome(user, invitation)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before any work. allauth would count by what was typed, and by the Host of the request."""
        self._login_failed_rl_usage = guesses.count_password(request, login_of(credentials))
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Who is sent away because many others sign in has not guessed."""
        try:
            return super().authenticate(request, **credentials)
        except hashing.Busy:
            self._rollback_login_failed_rl_usage()
            raise

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Keeps the session when a right password is kept in a new way from now on: to Django, it
        has changed."""
        before = user.password
        is_right: bool = super().reauthenticate(user, password)
        user.refresh_from_db(fields=["password"])
        if is_right and user.password != before:
            update_session_auth_hash(context.request, user)
        return is_right

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The counter that starts again after a new password."""
        return guesses.strangers_key(login_of(credentials))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_waiting" if user.is_waiting else "account_inactive"))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has neither a password nor a second factor goes to their identity provider once more."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        return [{"id": "sign_on_again", "description": _("Single sign-on"), "url": reverse("sign_on_again")}]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Lets a new device look as the others do."""
        return choices.remember(user, super().post_login(request, user, **kwargs))

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any,
                    **kwargs: Any) -> None:  # fmt: skip
        """Leaves out the words on signing in and out: everybody sees that they have."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the outermost trusted proxy saw: `TRUSTED_PROXIES` entries from the right, as anybody may
        write the ones further left. Of IPv6 the network, as a subscriber has 2^64 addresses."""
        direct = request.META.get("REMOTE_ADDR") or NOBODY
        seen = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if entry.strip()]
        count = settings.TRUSTED_PROXIES
        return (_address(seen[-count]) if count and len(seen) >= count else "") or _address(direct) or NOBODY

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As the base class; raises ImmediateHttpResponse with a calm page when the mail server does not take it."""
        site = urlsplit(settings.SITE_URL).netloc  # allauth would say what the request calls it, its port included
        context = {**context, "current_site": {"name": site, "domain": site}}
        if "signup_url" in context:
            context["signup_url"] = links.absolute("account_signup")
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.warning("EMAIL_URL: the mail server does not take mail (%s).", type(error).__name__)
            raise ImmediateHttpResponse(render(self.request, "account/mail_away.html", status=503)) from None

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _dash, token = key.partition("-")
        return links.absolute("account_reset_password_from_key", uidb36=uid, key=token)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return links.absolute("account_confirm_email", emailconfirmation.key)

    def send_account_already_exists_mail(self, email: str) -> None:
        addresses = {
            "signup_url": links.absolute("account_signup"),
            "password_reset_url": links.absolute("account_reset_password"),
        }
        self.send_mail("account/email/account_already_exists", email, addresses)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """For OpenID Connect. A provider's word opens its own accounts only, never one that has the same e-mail address."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> User:
        account = sociallogin.account
        account.uid, account.extra_data = without_nul(account.uid), without_nul(account.extra_data)
        user: User = super().populate_user(request, sociallogin, data)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        for address in sociallogin.email_addresses:
            address.verified = settings.OIDC_VERIFIES_EMAIL and address.verified is True

    def list_apps(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[Any]:
        """Providers stand in the settings only, so without any the database is not asked for more."""
        return super().list_apps(request, *args, **kwargs) if settings.OIDC_URL else []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return settings.OIDC_SIGNUP or super().is_open_for_signup(request, sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        if form is not None:  # the account adapter admits
            user: User = super().save_user(request, sociallogin, form)
            return user
        with transaction.atomic():
            invitation = admit(request, sociallogin.user)
            user = super().save_user(request, sociallogin, form)
            if invitation is not None:
                invitations.welcome(user, invitation)
        return user


def without_nul(told: Any) -> Any:
    """What a provider has told, in values that PostgreSQL can store."""
    if isinstance(told, str):
        return inputs.marked(told)
    if isinstance(told, dict):
        return {without_nul(name): without_nul(value) for name, value in told.items()}
    return [without_nul(value) for value in told] if isinstance(told, list) else told


def admit(request: HttpRequest, user: User) -> Any:
    """Decides whether a new account is active, and uses up the visitor's invitation; returns that, if there was one.

    Raises ImmediateHttpResponse when the invitation has just been used up by somebody else."""
    invitation = invitations.kept(request)
    if invitation is not None:
        if not invitations.use(request, invitation):
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403))
    elif settings.SIGNUP == "approval":
        user.is_active, user.is_waiting = False, True
        user.language = translation.get_language() or ""  # to be told in, when an administrator lets them in
    return invitation


def _address(value: str) -> str:
    """An IP address, without the port that some proxies add, or an IPv6 network; "" when it is none."""
    bare = value[1:].partition("]")[0] if value.startswith("[") else value
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        address = ip_address(bare)
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
