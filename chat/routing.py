"""Where WebSocket connections enter."""

from django.urls import path

from chat.consumers import ConversationConsumer

websocket_urlpatterns = [path("ws/c/<uuid:conversation_id>/", ConversationConsumer.as_asgi())]
