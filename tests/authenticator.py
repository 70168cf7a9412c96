"""An authenticator app and recovery codes, and how people set them up and use them."""

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode
from typing import Any

from django.test import Client

from tests.people import PASSWORD, is_in, sign_in

ACTIVATE, AUTHENTICATE = "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
RECOVERY = "/accounts/2fa/recovery-codes/"
STEP_SECONDS = 30


class App:
    """An authenticator app, as RFC 6238 has it, that was shown a secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, steps: int = 0) -> str:
        """The code of now, or of some steps later; one step earlier and later are taken, too."""
        counter = struct.pack(">Q", int(time.time()) // STEP_SECONDS + steps)
        digest = hmac.digest(b32decode(self.secret), counter, hashlib.sha1)
        place = digest[-1] & 15
        return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"

    def wrong(self) -> str:
        """A code that will not be right for some minutes."""
        right = {self.code(steps) for steps in range(-5, 15)}
        return next(code for code in map("{:06}".format, range(100)) if code not in right)


def add_app(browser: Client) -> App:
    """Sets an authenticator app up, as a person does who reads the key on the page."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get(ACTIVATE).content.decode()
    shown = re.search(r'class="key">.*?<code>([A-Z2-7]+)</code>', page)
    assert shown
    app = App(shown[1])
    assert browser.post(ACTIVATE, {"code": app.wrong()}).status_code == 200
    assert browser.post(ACTIVATE, {"code": app.code()})["Location"] == RECOVERY
    return app


def recovery_codes(browser: Client) -> list[str]:
    found = re.findall(r"\b\d{8}\b", browser.get(RECOVERY).content.decode())
    assert len(found) == len(set(found)) == 10
    return found


def half_in(**extra: Any) -> Client:
    """A browser from which Alice's password was given, and nothing else."""
    browser = Client(**extra)
    assert sign_in(browser)["Location"].startswith(AUTHENTICATE)
    return browser


def give(browser: Client, code: str) -> bool:
    """Types a code; says whether it opened the door."""
    browser.post(AUTHENTICATE, {"code": code})
    return is_in(browser)
