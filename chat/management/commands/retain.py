"""`python manage.py retain`: removes what policy says is too old; for cron, once a day."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from chat.operations import retention


class Command(BaseCommand):
    help = "Remove conversations older than CHAT_RETENTION_DAYS, ended sessions and other leftovers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count the conversations")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.CHAT_RETENTION_DAYS
        if options["dry_run"]:
            count = retention.too_old(days).count() if days else 0
            self.stdout.write(f"{count} conversations would be removed (CHAT_RETENTION_DAYS is {days}).")
            return
        for what, count in retention.by_policy().items():
            self.stdout.write(f"{count} {what} were removed.")
