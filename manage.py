#!/usr/bin/env python
"""The command line of MagickPen Chat: `python manage.py quickstart` starts everything."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it with an older one should read why not
        sys.exit(f"MagickPen Chat needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magickpen_site.settings")
    from magickpen_site import ownership

    ownership.keep_new_files()
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        sys.exit(
            f"{error.name} is not installed for {sys.executable}. Type `make run`, or:\n"
            "  python3 -m venv .venv\n"
            "  .venv/bin/pip install --require-hashes -r requirements.txt\n"
            "  .venv/bin/python manage.py quickstart"
        )
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
