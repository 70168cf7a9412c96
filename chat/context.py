"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """`theme` ("", "light" or "dark", as chosen) and `practice` (the bundled practice upstream answers)."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in ("light", "dark") else "", "practice": settings.PRACTICE}
