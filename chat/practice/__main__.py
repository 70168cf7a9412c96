"""`python -m chat.practice`: the practice upstream without Django."""

import argparse
import asyncio
import sys

from chat.practice import CannotListen, command, run


def main() -> None:
    """Parse the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m chat.practice", description="The practice upstream.")
    command.add_options(parser)
    try:
        asyncio.run(run(**command.chosen(vars(parser.parse_args()))))
    except CannotListen as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
