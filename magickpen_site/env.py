"""Reads one environment variable at a time, and refuses nonsense in one sentence that names the variable."""

import difflib
import ipaddress
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from environ import Env

from magickpen_site import zones

LINE = re.compile(r"(export )?[A-Za-z_][A-Za-z0-9_]*=.*")
HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
YES = ("1", "true", "yes", "on")
HIDDEN = "holds something else (not shown, as it may be secret)"
NO = ("0", "false", "no", "off")
SYSTEM_ZONES = Path("/usr/share/zoneinfo")

names_read: set[str] = set()


def read_file(path: Path) -> None:
    """Take variables from a file of NAME=value lines; what the environment holds already wins.

    Lines are looked at first, because django-environ would log a wrong one with the secret that may be in it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#") and not LINE.fullmatch(line):
            raise SystemExit(f"{path}: line {number} is neither NAME=value nor a comment that starts with #.")
    Env.read_env(path)


def text(name: str, default: str = "") -> str:
    """The value without white space around it; an empty one counts as not set.

    Not by way of `Env.str`, which takes a value that starts with $ for the name of another variable."""
    names_read.add(name)
    value = os.environ.get(name, "").strip()
    if not value.isprintable():
        refuse(name, "holds a control character", "one line of text")
    return value or default


def is_set(*names: str) -> bool:
    return any(text(name) for name in names)


def yes(name: str) -> bool:
    value = text(name, "no").lower()
    if value not in YES + NO:
        refuse(name, held(value), f"{one_of(YES)} (or {one_of(NO)})")
    return value in YES


def number(name: str, default: int, least: int, most: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
        refuse(name, held(value), f"a whole number from {least} to {most}")
    return int(value)


def choice(name: str, default: str, allowed: Collection[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        refuse(name, held(value), one_of(allowed))
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choices(name: str, default: str, allowed: Collection[str]) -> list[str]:
    """An ordered list in which each word stands at most once, and one at least."""
    found = words(name, default)
    if not found or len(set(found)) < len(found) or not set(found) <= set(allowed):
        refuse(name, held(text(name)), f"a list of {one_of(allowed)}, with commas between, each once")
    return found


def hosts(name: str, default: list[str]) -> list[str]:
    found = words(name)
    for host in found:
        if host != "*" and not HOST.fullmatch(host):
            refuse(name, held(host), "a list of host names without scheme and port, with commas between")
    return found or default


def host(name: str, default: str) -> str:
    """A name or an IP address of this machine; an IPv6 address with or without brackets comes back without."""
    value = text(name, default)
    bare = value.strip("[]")
    if not (is_ipv6(bare) or HOST.fullmatch(bare)):
        refuse(name, held(value), "an address of this machine, like 127.0.0.1 or 0.0.0.0 (which is all of them)")
    return bare


def zone(name: str, default: str) -> str:
    """The name of a time zone, which the system must know as well, as the process is put into it."""
    value = text(name, default)
    if zones.find(value) is None or (SYSTEM_ZONES.exists() and not (SYSTEM_ZONES / value).exists()):
        refuse(name, held(value), "a name of this system's time zone database, like UTC or Europe/Berlin")
    return value


def address(name: str, default: str, schemes: Collection[str], *, bare: bool = False, secret: bool = False) -> str:
    """An absolute URL without a slash at its end; a bare one ends after the port, and a secret one is never shown."""
    value = text(name, default)
    if not value:
        return ""
    parts = split(value)
    if (
        parts is None
        or parts.scheme not in schemes
        or not (parts.hostname or parts.scheme == "unix")
        or re.search(r"\s", value)
        or (bare and (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc))
    ):
        starts = one_of([f"{scheme}://" for scheme in schemes])
        more = " and port, nothing more" if bare else ""
        refuse(name, HIDDEN if secret else held(value), f"{starts} and a host{more}")
    return origin(parts) if bare else value.rstrip("/")


def origin(parts: SplitResult) -> str:
    """Scheme, host and port as a browser writes them, which leaves out the scheme's own port."""
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"


def database(name: str, default: Path, base: Path) -> dict[str, Any]:
    """Django's dictionary for a database URL of SQLite or PostgreSQL; a relative SQLite path is one below `base`."""
    value = text(name)
    if not value:
        return sqlite(name, default)
    parts = split(value)
    if (
        parts is None
        or parts.scheme not in {"sqlite", "postgres", "postgresql"}
        or not parts.path.strip("/")
        or (parts.scheme == "sqlite" and parts.netloc)
    ):
        refuse(name, HIDDEN, "sqlite:///path/to/a/file or postgresql://user:password@host:port/name")
    found = Env.db_url_config(value)
    return sqlite(name, base / found["NAME"]) if parts.scheme == "sqlite" else {"OPTIONS": {}} | found


def sqlite(name: str, path: Path) -> dict[str, Any]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        refuse(
            name, f"leads to {path}, whose directory cannot be made ({error.strerror})", "a path that can be written"
        )
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {}}


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail(name: str) -> dict[str, Any]:
    """The mail server of a URL: host, port, user, password, ssl, tls; empty when none is named."""
    value = text(name)
    if not value:
        return {}
    parts = split(value)
    if parts is None or parts.scheme not in MAIL_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        refuse(name, HIDDEN, "smtp://host:port, smtp+tls://user:password@host:587 or smtps://user:password@host:465")
    return {
        "host": parts.hostname,
        "port": parts.port or MAIL_PORTS[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "ssl": parts.scheme == "smtps",
        "tls": parts.scheme == "smtp+tls",
    }


def sender(name: str, default: str) -> str:
    """Who mail is from: an address, or a name with an address in angle brackets."""
    value = text(name, default)
    if not re.fullmatch(r"([^<>@]+ )?<?[^<>@\s]+@[^<>@\s]+>?", value):
        refuse(name, HIDDEN, "chat@example.org or MagickPen Chat <chat@example.org>")
    return value


def split(url: str) -> SplitResult | None:
    """The parts of a URL, or None if it has no sensible ones."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def own_address(host: str, port: int) -> str:
    """How a browser on this machine reaches a server that listens on `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://{f'[{name}]' if is_ipv6(name) else name}:{port}"


def host_of(url: str) -> str:
    """The host as ALLOWED_HOSTS wants it, which is with brackets around IPv6."""
    name = urlsplit(url).hostname or ""
    return f"[{name}]" if ":" in name else name


def is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def refuse_typos(prefixes: tuple[str, ...], *others: str) -> None:
    """Refuse a variable that looks like one of those read so far, or of the others, misspelt.

    Further variables with these prefixes may belong to other programs."""
    known = names_read.union(others)
    for name in sorted(os.environ):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
        if name.startswith(prefixes) and close and close[0] != name:
            raise SystemExit(f"{name} is not a setting of MagickPen Chat. Is {close[0]} meant?")


def held(value: str) -> str:
    """What a variable held, shortened; nothing of it if there is an @, as a password may stand before that."""
    if "@" in value:
        return HIDDEN
    return f'is "{value[:60]}{"…" if len(value) > 60 else ""}"'


def one_of(allowed: Collection[str]) -> str:
    *first, last = allowed
    return f"{', '.join(first)} or {last}" if first else last


def refuse(name: str, what: str, allowed: str) -> NoReturn:
    """End the program with a sentence and no traceback, whichever program it is that loads the settings."""
    raise SystemExit(f"{name} {what}; allowed: {allowed}.")
