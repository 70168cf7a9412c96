"""The HTTP door of whatever watches the site: is the process up, and can it serve people?"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from chat.operations import readiness


@require_http_methods(["GET", "HEAD"])
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_http_methods(["GET", "HEAD"])
async def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve people: database, layer between processes, providers."""
    problems = await readiness.problems()
    return HttpResponse("".join(f"{line}\n" for line in problems or ["ok"]), "text/plain", 503 if problems else 200)
