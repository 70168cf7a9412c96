"""SQLite's write-ahead log, in which erased text stands until it is overwritten or taken out."""

import logging
import threading
import time

from django.db import OperationalError, connection

logger = logging.getLogger(__name__)

WAIT_MS = 200
TRY_SECONDS = 2.0
TRIES = 300


def empty() -> None:
    """Takes what was erased out of SQLite's write-ahead log, too, where it would stand until it is overwritten.

    Somebody who reads just now may be in the way: then it is tried again beside, and by every `retain`.
    """
    if connection.vendor == "sqlite" and not _is_emptied():
        threading.Thread(target=_keep_trying, name="empty-log", daemon=True).start()


def _keep_trying() -> None:
    try:
        for _ in range(TRIES):
            time.sleep(TRY_SECONDS)
            if _is_emptied():
                return
        logger.warning("Erased text is still in the write-ahead log, as somebody reads without an end; run retain.")
    finally:
        connection.close()


def _is_emptied() -> bool:
    """Writers wait while this does, so it waits for readers for a moment only."""
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
            is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except OperationalError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
    return not is_busy
