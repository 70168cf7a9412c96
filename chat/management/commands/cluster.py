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

PIECE = 64 * 1024
WELCOME = b"MagickPen Chat is on "


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
        ports = [0] * webs
        try:
            balancer = await Balancer(ports).listen(settings.HOST, settings.PORT)
        except OSError as error:
            raise CommandError(f"PORT {settings.PORT} on {settings.HOST} cannot be had: {error.strerror}.") from None
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        keepers = [asyncio.create_task(self.keep(number, ports, environment)) for number in range(webs)]
        await asyncio.wait([asyncio.create_task(ended.wait()), *keepers], return_when=asyncio.FIRST_COMPLETED)
        balancer.close()
        for keeper in keepers:
            keeper.cancel()
        for outcome in await asyncio.gather(*keepers, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def keep(self, number: int, ports: list[int], environment: dict[str, str]) -> None:
        """Runs a web process, and starts it again when it ends, until cancelled. A start has to succeed, unless
        somebody else has taken the port meanwhile: then another port is tried."""
        speaks = number == 0  # one of them says hello, for all
        while True:
            ports[number] = port = programs.free_port()
            process = await asyncio.create_subprocess_exec(
                *(*programs.tied("KILL"), sys.executable, sys.argv[0], "quickstart"),
                env={**environment, "PORT": str(port)},
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                served = await self.follow(process, aloud=speaks)
                await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if not served and not programs.listens(port):
                raise CommandError("A web process ended at its start.")
            self.say(f"Web process {process.pid} has ended; another one takes its place.")
            speaks = speaks and not served

    async def follow(self, process: asyncio.subprocess.Process, *, aloud: bool) -> bool:
        """Listens to a web process to its end, and announces it when it says that it serves; returns whether it did.

        That somebody listens on its port would not tell: others of this machine may have taken it meanwhile."""
        assert process.stdout is not None
        said, served = b"", False
        while piece := await process.stdout.read(PIECE):
            if aloud:
                self.stdout.write(piece.decode(errors="replace"), ending="")
                self.stdout.flush()
            said = b"" if served else said + piece
            if WELCOME in said:
                served = True
                self.say(f"Web process {process.pid} is one of those behind it. Try: kill -9 {process.pid}")
        return served

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
