"""A practice upstream: a small HTTP server that speaks MagickPen's protocol and misbehaves on request."""

from chat.practice.serving import CannotListen, InThread, run, serve_in_thread, serving
from chat.practice.upstream import Upstream

__all__ = ["CannotListen", "InThread", "Upstream", "run", "serve_in_thread", "serving"]
