"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from chat import inputs
from chat.accounts import sessions
from chat.models import Conversation, Persona

USUAL = {"name": "Control", "sign": "Ctrl", "alt": "Alt"}
LONGEST = {
    "title": inputs.longest(Conversation, "title"),
    "instructions": inputs.longest(Conversation, "instructions"),
    "persona_name": inputs.longest(Persona, "name"),
    "persona_text": inputs.longest(Persona, "text"),
}
"""How many characters fields take."""
APPLE = {"name": "Meta", "sign": "⌘", "alt": "⌥"}


def page(request: HttpRequest) -> dict[str, object]:
    """`theme` ("", "light" or "dark", as chosen), `practice` (the bundled practice upstream answers), `control`, …

    `control` is how this device calls the key that shortcuts are made with, `person` how the browser calls the reader.
    """
    theme = request.COOKIES.get("theme", "")
    is_apple = any(name in request.headers.get("User-Agent", "") for name in ("Mac OS", "iPhone", "iPad"))
    return {
        "theme": theme if theme in ("light", "dark") else "",
        "person": lambda: sessions.digest(getattr(request, "user", None)),
        "practice": settings.PRACTICE,
        "control": APPLE if is_apple else USUAL,
        "longest": LONGEST,
        "has_mail": settings.HAS_MAIL,
        "has_oidc": bool(settings.OIDC_URL),
        "may_sign_up": settings.SIGNUP in ("open", "approval"),
        "needs_approval": settings.SIGNUP == "approval",
    }
