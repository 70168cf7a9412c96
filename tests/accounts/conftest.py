"""What tests of accounts share."""

import pytest
from django.test import Client

from chat.models import User
from tests.authenticator import App, add_app
from tests.people import sign_in


@pytest.fixture
def app(alice: User) -> App:
    """Alice's authenticator app."""
    browser = Client()
    sign_in(browser)
    return add_app(browser)
