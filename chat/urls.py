"""The pages of the chat."""

from django.urls import path

from chat.views import conversations, drafts, health, pages, personas, preferences, setup

urlpatterns = [
    path("", pages.home, name="home"),
    path("c/<uuid:conversation_id>/", pages.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/<int:pk>.md", pages.source, name="source"),
    path("c/<uuid:conversation_id>/voice/", personas.voice, name="voice"),
    path("personas/", personas.library, name="personas"),
    path("draft/", drafts.draft, name="new_draft"),
    path("c/<uuid:conversation_id>/draft/", drafts.draft, name="draft"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/beside/", conversations.beside, name="beside"),
    path("conversations/beside/<uuid:conversation_id>/", conversations.beside, name="beside"),
    path("settings/", preferences.own_settings, name="settings"),
    path("settings/export/", preferences.export, name="export"),
    path("settings/delete/", preferences.delete_account, name="delete_account"),
    path("theme/", preferences.theme, name="theme"),
    path("setup/<str:token>/", setup.set_up, name="setup"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
