"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """`theme` ("", "light" or "dark", as chosen) and `practice` (the bundled practice upstream answers)."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in ("light", "dark") else "",
        "practice": settings.PRACTICE,
        "has_mail": settings.HAS_MAIL,
        "has_oidc": bool(settings.OIDC_URL),
        "may_sign_up": settings.SIGNUP in ("open", "approval"),
        "needs_approval": settings.SIGNUP == "approval",
    }
