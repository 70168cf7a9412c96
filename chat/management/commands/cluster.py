"""Several web processes behind one address, on PostgreSQL and Redis, to try on one machine what happens on many."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from magickpen_site import env, programs, server
from magickpen_site.balancer import Balancer


class Command(BaseCommand):
    help = "Serve the chat with several web processes on HOST and PORT until Ctrl-C. For trying out, not for people."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--webs", type=int, default=2, help="how many web processes; default 2")

    def handle(self, *, webs: int, **options: Any) -> None:
        started: list[programs.PostgreSQL | programs.Redis] = []
        try:
            environment = self.environment(started)
            asyncio.run(self.serve(max(1, webs), environment))
        except programs.Missing as error:
            raise CommandError(str(error)) from None
        finally:
            for program in started:
                program.stop()

    def environment(self, started: list[programs.PostgreSQL | programs.Redis]) -> dict[str, str]:
        """What the web processes need to know, once the servers that nobody has named are started."""
        names: dict[str, Callable[[], programs.PostgreSQL | programs.Redis]] = {
            "DATABASE_URL": programs.PostgreSQL,
            "REDIS_URL": programs.Redis,
        }
        found = {}
        for name, program in names.items():
            if not env.is_set(name):
                started.append(program())
                started[-1].start()
                found[name] = started[-1].url
                self.say(f"Started {type(started[-1]).__name__} for this trial; what it holds ends with it.")
        hosts = ",".join([*settings.ALLOWED_HOSTS, *server.other_names()])
        return {**os.environ, **found, "HOST": "127.0.0.1", "SITE_URL": settings.SITE_URL, "ALLOWED_HOSTS": hosts}

    async def serve(self, webs: int, environment: dict[str, str]) -> None:
        ports = [programs.free_port() for _ in range(webs)]
        try:
            await Balancer(ports).listen(settings.HOST, settings.PORT)
        except OSError as error:
            raise CommandError(f"PORT {settings.PORT} on {settings.HOST} cannot be had: {error.strerror}.") from None
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        keepers = [asyncio.create_task(self.keep(number, port, environment)) for number, port in enumerate(ports)]
        await asyncio.wait([asyncio.create_task(ended.wait()), *keepers], return_when=asyncio.FIRST_COMPLETED)
        for keeper in keepers:
            keeper.cancel()
        for outcome in await asyncio.gather(*keepers, return_exceptions=True):
            if isinstance(outcome, CommandError):
                raise outcome

    async def keep(self, number: int, port: int, environment: dict[str, str]) -> None:
        """Runs a web process, and starts it again when it ends, until cancelled. The first start has to succeed."""
        words = None if number == 0 else asyncio.subprocess.DEVNULL  # one of them says hello, for all
        while True:
            process = await asyncio.create_subprocess_exec(
                *(*programs.tied("KILL"), sys.executable, sys.argv[0], "quickstart"),
                env={**environment, "PORT": str(port)},
                stdout=words,
                start_new_session=True,
            )
            try:
                await self.wait_for(process, port)
                self.say(f"Web process {process.pid} is one of those behind it. Try: kill -9 {process.pid}")
                await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            self.say(f"Web process {process.pid} has ended; another one takes its place.")
            words = asyncio.subprocess.DEVNULL

    async def wait_for(self, process: asyncio.subprocess.Process, port: int) -> None:
        while not programs.listens(port):
            if process.returncode is not None:
                raise CommandError("A web process ended at its start.")
            await asyncio.sleep(0.05)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
