"""What the chat keeps in files is for the user under whom it runs, and for nobody else on the machine."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

OTHERS = 0o077


def keep_new_files() -> None:
    """From now on, files that this process makes are readable by its user only. For the start of every entry."""
    os.umask(OTHERS)


def tighten(data_dir: Path, database: Path | None) -> Iterator[str]:
    """Takes from others what a version before or another umask left open to them; yields a sentence for each file."""
    for path in _kept(data_dir, database):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & OTHERS:
                path.chmod(mode & ~OTHERS)
                yield f"{path} was open to other users of this machine; it is not any more."
        except FileNotFoundError:
            continue
        except OSError as error:
            yield f"{path} is open to other users of this machine, and cannot be closed to them: {error.strerror}."


def _kept(data_dir: Path, database: Path | None) -> list[Path]:
    """Our own files, by name: the directory may be one that holds other things, too."""
    beside = [] if database is None else [database.with_name(database.name + end) for end in ("", "-wal", "-shm")]
    return [*beside, data_dir / "secret-key"]
