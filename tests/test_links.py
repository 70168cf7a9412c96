"""Links that leave the site lead to SITE_URL, whatever the request at hand says."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from chat import links
from chat.accounts import first_administrator, invitations, passwords
from chat.models import Invitation, User


@pytest.fixture(params=["/", "/chat/", ".evil.example/", "@evil.example/", "//evil.example/"])
def prefix(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    settings.SITE_URL = "https://chat.example.org"
    set_script_prefix(request.param)
    yield request.param
    assert get_script_prefix() == request.param
    set_script_prefix("/")


@pytest.mark.usefixtures("prefix")
def test_a_link_starts_at_the_site() -> None:
    assert links.absolute("home") == "https://chat.example.org/"
    assert links.absolute("setup", "abc") == first_administrator.link().replace(first_administrator.token(), "abc")


@pytest.mark.usefixtures("prefix")
@pytest.mark.django_db
def test_so_do_those_that_open_accounts(alice: User, settings: Any) -> None:
    settings.SIGNUP = "invite"
    made = [
        first_administrator.link(),
        passwords.link(alice),
        invitations.link(Invitation.objects.create(expires=timezone.now())),
    ]
    places = ["setup/", "accounts/password/reset/key/", "invite/"]
    for link, place in zip(made, places, strict=True):
        assert link.startswith(f"https://chat.example.org/{place}")
