"""Everything below /accounts/: ours first, then django-allauth's."""

from allauth.account.views import logout
from django.urls import include, path

from chat.accounts import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", logout, name="logout"),
    path("waiting/", views.waiting, name="account_waiting"),
    path("email/", views.email, name="account_email"),
    path("password/reset/", views.reset_password, name="account_reset_password"),
    path("2fa/webauthn/login/", views.passkey, name="mfa_login_webauthn"),
    path("oidc/<str:provider_id>/login/", views.single_sign_on, name="openid_connect_login"),
    path("reauthenticate/sso/", views.sign_on_again, name="sign_on_again"),
    path("", include("allauth.urls")),
]
