"""Where HTTP and WebSocket enter."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

from magickpen_site import ownership

ownership.keep_new_files()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magickpen_site.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up first

from chat import replies  # noqa: E402
from chat.consumers.origins import same_origin_only  # noqa: E402
from chat.routing import websocket_urlpatterns  # noqa: E402

route = ProtocolTypeRouter({"http": http, "websocket": same_origin_only(URLRouter(websocket_urlpatterns))})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The first connection of any kind starts the engine, as Daphne has no start-up event."""
    replies.open_engine()
    # The site is at the root of its host, whatever a server in front has read in a header that anybody may send.
    await route({**scope, "root_path": ""}, receive, send)
