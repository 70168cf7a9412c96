"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from chat.accounts.views import invitation

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("accounts/", include("chat.accounts.urls")),
    path("invite/<str:token>/", invitation, name="invitation"),
    path("admin/", admin.site.urls),
    path("", include("chat.urls")),
]

handler429 = "chat.accounts.views.too_many_requests"  # for allauth, which looks for it here
