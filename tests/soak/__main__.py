"""`python -m tests.soak [drill …]`: runs the long drills, prints what they measured, and fails if a goal is missed."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from magickpen_site.programs import Missing
from tests.soak import cycles, figures, hostile, kill, mute, redis, sqlite

DRILLS = {"kill": kill, "redis": redis, "mute": mute, "sqlite": sqlite, "cycles": cycles, "hostile": hostile}


def main() -> None:
    listed = "\n".join(f"  {name:<8} {(module.__doc__ or '').splitlines()[0]}" for name, module in DRILLS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=f"Long drills with figures:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("drill", nargs="*", help="which drills to run; default: all of them")
    parser.add_argument("--share", type=float, default=1.0, help="how much of each drill to run; 0.1 is a tenth")
    options = parser.parse_args()
    if unknown := set(options.drill) - set(DRILLS):
        parser.error(f"there is no drill {', '.join(sorted(unknown))}")
    missed = [name for name in options.drill or DRILLS if not run(name, options.share)]
    sys.exit(f"Goals missed: {', '.join(missed)}" if missed else 0)


def run(name: str, share: float) -> bool:
    """Runs one drill; says whether it reached its goals."""
    figures.say(f"\n{name}: {(DRILLS[name].__doc__ or '').splitlines()[0]}")
    with tempfile.TemporaryDirectory(prefix="magickpen-soak-") as home:
        try:
            found = asyncio.run(DRILLS[name].drill(Path(home), share))
        except Missing as error:
            figures.say(f"  left out: {error}")
            return False
    figures.report(name, found)
    return all(figure.is_reached for figure in found)


if __name__ == "__main__":
    main()
