"""Commands that go on even if their page leaves."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)

_begun: set[asyncio.Task[None]] = set()


async def to_the_end(command: Coroutine[Any, Any, None]) -> None:
    """Awaits a command that goes on even if the page leaves now: a prompt is stored and begun, or neither."""
    task = asyncio.create_task(command)
    _begun.add(task)
    task.add_done_callback(_begun.discard)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_report)
        raise


def _report(task: asyncio.Task[None]) -> None:
    """Logs an error of ours that no page is there to hear of any more."""
    if not task.cancelled() and (error := task.exception()):
        logger.error("A command failed after its page had left.", exc_info=error)
