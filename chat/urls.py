"""The pages of the chat."""

from django.urls import path

from chat import library, listing, preferences, views, writing

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/<int:pk>.md", views.source, name="source"),
    path("c/<uuid:conversation_id>/voice/", library.voice, name="voice"),
    path("personas/", library.library, name="personas"),
    path("draft/", writing.draft, name="new_draft"),
    path("c/<uuid:conversation_id>/draft/", writing.draft, name="draft"),
    path("conversations/", listing.conversations, name="conversations"),
    path("conversations/beside/", listing.beside, name="beside"),
    path("conversations/beside/<uuid:conversation_id>/", listing.beside, name="beside"),
    path("settings/", preferences.own_settings, name="settings"),
    path("settings/export/", preferences.export, name="export"),
    path("settings/delete/", preferences.delete_account, name="delete_account"),
    path("theme/", views.theme, name="theme"),
    path("setup/<str:token>/", views.set_up, name="setup"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
