"""`python manage.py purge`: removes deleted conversations for good, which chatting also does, a few at a time."""

from typing import Any

from django.core.management.base import BaseCommand

from chat import keeping


class Command(BaseCommand):
    help = "Remove conversations that their owners deleted more than a day ago."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{keeping.purge()} deleted conversations were removed.")
