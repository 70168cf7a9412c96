"""`python manage.py practice_upstream`: serves the practice upstream alone; needs no database."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat import practice
from chat.practice import command


class Command(BaseCommand):
    help = "Serve the practice upstream, which speaks MagickPen's protocol and invents its answers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        command.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(practice.run(**command.chosen(options)))
        except practice.CannotListen as error:
            raise CommandError(str(error)) from None
