"""The options of the terminal program, shared by `python -m chat.practice` and `manage.py practice_upstream`."""

import argparse
from typing import Any

from chat.practice.serving import HOST, PORT


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    parser.add_argument("--port", type=int, default=PORT, help=f"default {PORT}; 0 takes a free one")
    parser.add_argument("--host", default=HOST, help=f"default {HOST}")
    parser.add_argument("--pace", type=float, default=35.0, help="milliseconds between two pieces; 0 for no waiting")
    parser.add_argument("--delay", type=float, default=350.0, help="milliseconds before the first piece")
    parser.add_argument("--chunk", type=int, help="characters in a piece; default: word by word")


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments for `run` from parsed options."""
    return {name: options[name] for name in ("port", "host", "pace", "delay", "chunk")}
