"""The site of the administration; apart from its pages, as they register with it while it is made."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path


class Site(admin.AdminSite):
    """The administration, without two doors past the lists that none of its pages uses."""

    def get_urls(self) -> list[URLResolver | URLPattern]:
        closed = path("r/<path:content_type_id>/<path:object_id>/", self.admin_view(_nothing), name="view_on_site")
        return [closed, *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """It would search the texts of messages without a trail."""
        return _nothing(request)


def _nothing(request: HttpRequest, **_address: str) -> HttpResponse:
    raise Http404
