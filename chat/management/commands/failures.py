"""`python manage.py failures`: the catalogue of failures as a page of Markdown, which is docs/errors.md."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from chat.messages.failures import CATALOGUE, Failure

OPENING = """\
# What people read when an answer fails

Made by `python manage.py failures > docs/errors.md` from `chat/messages/failures.py` and the
classes in `chat/providers/errors.py`. Change those, not this page. The `code` is stable: it is in
the database (`error` of a message) and in the log. What an administrator can do about each is in
[providers.md](providers.md#errors-and-what-to-do).

| `code` | What people read | Whose fault | What helps | May pass |
|:-------|:-----------------|:------------|:-----------|:---------|
"""

FAULTS = {"upstream": "the service's", "network": "the connection's", "site": "this site's"}
HELP = {
    "retry": "Retry",
    "continue": "Continue, or Retry",
    "model": "another model",
    "new": "a new chat",
    "message": "another message",
    "": "only the administrator",
}


class Command(BaseCommand):
    help = "Print the page of the failures that an answer can end in: docs/errors.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    """The page, in English."""
    with translation.override("en"):
        return OPENING + "".join(_row(failure) for failure in CATALOGUE.values())


def _row(failure: Failure) -> str:
    passes = "yes" if failure.retryable else "no"
    said = f"**{failure.title}** {failure.advice}"
    cells = [f"`{failure.code}`", said, FAULTS[failure.blame], HELP[failure.button], passes]
    return f"| {' | '.join(cells)} |\n"
