"""From a fresh checkout to a running chat: database, first administrator, static files, upstream, server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from chat import names
from chat.accounts import first_administrator
from chat.models import User
from magickpen_site import env, ownership, server, static

TURN = 0x6D61676963  # any number, but the same in every process


class Command(BaseCommand):
    help = "Prepare what is not ready yet, then serve the chat on HOST and PORT until Ctrl-C."

    def handle(self, **options: Any) -> None:
        for sentence in ownership.tighten(settings.DATA_DIR, _database_file()):
            self.say(sentence)
        try:
            with turn():
                self.prepare_database()
                self.collect_static_files()
                self.make_first_administrator()
            setup_is_open = first_administrator.is_open()
        except DatabaseError as error:
            raise SystemExit(f"DATABASE_URL: the database cannot be used: {' '.join(str(error).split())}") from None
        finally:
            connection.close()
        if not settings.UPSTREAM_IS_CHOSEN:
            start_practice()
        server.run(ready=lambda: self.welcome(setup_is_open))

    def prepare_database(self) -> None:
        """Migrate, but only if there is something to migrate."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False)

    def make_first_administrator(self) -> None:
        name, password = env.text("CHAT_ADMIN_USERNAME"), env.text("CHAT_ADMIN_PASSWORD")
        if bool(name) != bool(password):
            raise SystemExit("CHAT_ADMIN_USERNAME and CHAT_ADMIN_PASSWORD go together; only one of them is set.")
        if not name or not first_administrator.is_open():
            return
        refuse_weak(name, password)
        if User.objects.filter(lookalike=names.lookalike(name)).exists():
            raise SystemExit(f"CHAT_ADMIN_USERNAME: somebody has signed up as {name}. Choose another name.")
        User.objects.create_superuser(name, password=password)
        self.say(f"Made the administrator {name}.")

    def collect_static_files(self) -> None:
        if static.is_collected():
            return
        self.say("Collecting static files …")
        try:
            call_command("collectstatic", verbosity=0, interactive=False)
        except OSError as error:
            raise SystemExit(f"Static files cannot be written to {settings.STATIC_ROOT} ({error}).") from None

    def welcome(self, setup_is_open: bool) -> None:
        self.say(f"\nMagickPen Chat is on {settings.SITE_URL}/")
        if names := server.other_names():
            self.say(f"From other machines: {' or '.join(f'http://{name}:{settings.PORT}/' for name in names)}")
        if setup_is_open:
            self.say("\n  There is no administrator yet. This link makes the first one, once:")
            self.say(f"  {first_administrator.link()}")
        if settings.PRACTICE:
            self.say(
                "\n  No answering service is configured, so the bundled practice upstream answers.\n"
                "  README.md tells how to set a real one."
            )
        where = settings.DATA_DIR if connection.vendor == "sqlite" else "PostgreSQL"
        self.say(f"\n  Data is in {where}. Ctrl-C ends the chat.\n")

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _database_file() -> Path | None:
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


@contextmanager
def turn() -> Iterator[None]:
    """Where several processes may start at once, which is on PostgreSQL, one prepares and the others wait."""
    if connection.vendor != "postgresql":
        yield
        return
    import psycopg  # not at the top, as it takes memory that SQLite does not need

    # Not through the pool: it would try again for a while before it said why it cannot connect.
    parameters = connection.get_connection_params() | {"autocommit": True}
    with connection.wrap_database_errors, psycopg.connect(**parameters) as lasting:
        lasting.execute("SELECT pg_advisory_lock(%s)", [TURN])
        yield


def refuse_weak(name: str, password: str) -> None:
    try:
        User.username_validator(name)
    except ValidationError as error:
        raise SystemExit(f"CHAT_ADMIN_USERNAME is no user name: {' '.join(error.messages)}") from None
    try:
        validate_password(password, User(username=name))
    except ValidationError as error:
        raise SystemExit(f"CHAT_ADMIN_PASSWORD is too weak: {' '.join(error.messages)}") from None


def start_practice() -> None:
    """Let the bundled upstream answer, in a thread of this process, and point the provider at it."""
    from chat import practice

    upstream = practice.serve_in_thread(port=0)
    settings.PRACTICE = True
    settings.PROVIDER_OPTIONS["magickpen"] |= {
        "url": upstream.url,
        "api_endpoint": upstream.api_endpoint,
        "proxy": None,
    }
    apps.get_app_config("chat").ready()
