"""Loaded by a web process of a drill: at SIGUSR1 it writes how many asyncio tasks there are into PROBE_FILE."""

import asyncio
import gc
import os
import signal
from pathlib import Path


def tell(number: int, frame: object) -> None:
    gc.collect()
    path = Path(os.environ["PROBE_FILE"])
    path.with_suffix(".new").write_text(str(len(asyncio.all_tasks())))
    path.with_suffix(".new").replace(path)


if "PROBE_FILE" in os.environ:
    signal.signal(signal.SIGUSR1, tell)
