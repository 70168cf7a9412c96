"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from chat.accounts.views import invitation

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler404 = "magickpen_site.urls.not_found"
handler429 = "chat.accounts.views.too_many_requests"  # for allauth, which looks for it here

urlpatterns = [
    path("accounts/", include("chat.accounts.urls")),
    path("invite/<str:token>/", invitation, name="invitation"),
    path("admin/", admin.site.urls),
    path("", include("chat.urls")),
]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """As Django's own, which reads a form for its CSRF token first: one that cannot be read was an error of ours."""
    return render(request, "404.html", status=404)
