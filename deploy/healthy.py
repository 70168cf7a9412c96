"""Ends with 0 if the chat of this container answers: asks /healthz, which answers under any name."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
try:
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"/healthz cannot be reached: {error}")
if status != http.HTTPStatus.OK:
    sys.exit(f"/healthz answered {status}")
