"""Where WebSocket connections enter."""

from typing import Any

from django.urls import path, re_path

from chat.consumers.conversation import NOT_FOUND, ConversationConsumer


async def nowhere(_scope: Any, receive: Any, send: Any) -> None:
    """What a socket to any other address meets: no conversation."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": NOT_FOUND})


websocket_urlpatterns = [
    path("ws/c/<uuid:conversation_id>/", ConversationConsumer.as_asgi()),
    re_path("", nowhere),  # type: ignore[arg-type]  # no view of Django's
]
