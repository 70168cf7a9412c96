"""Makes Django's SECRET_KEY once and keeps it in a file that only its owner may read."""

import os
import secrets
from pathlib import Path


def kept_in(directory: Path) -> str:
    """The key in `directory`, made now if there is none; several processes that start at once get the same one.

    The file appears complete or not at all: it is written under another name and linked, which the first one wins."""
    path = directory / "secret-key"
    try:
        if not path.exists():
            make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(
            f"DATA_DIR: {path} can be neither read nor made ({error}). Set SECRET_KEY, or another DATA_DIR."
        ) from None
    if len(key) < 50:
        raise SystemExit(f"DATA_DIR: {path} does not hold a secret key. Remove the file, and a new one will be made.")
    return key


def make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
