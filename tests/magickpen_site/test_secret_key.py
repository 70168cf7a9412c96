"""The secret key that is made at the first start."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from magickpen_site import secret_key


def test_the_key_is_made_once_for_its_owner_only(load: Any, tmp_path: Path) -> None:
    first = load(SECRET_KEY="")["SECRET_KEY"]
    assert len(first) >= 50
    assert load(SECRET_KEY="")["SECRET_KEY"] == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_new_data_dir_is_for_its_owner_only(load: Any, tmp_path: Path) -> None:
    load(SECRET_KEY="", DATA_DIR=str(tmp_path / "new"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(32) as pool:
        keys = set(pool.map(lambda _: secret_key.kept_in(tmp_path / "new"), range(200)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("sesame", encoding="ascii")
    with pytest.raises(SystemExit, match="does not hold a secret key") as refusal:
        secret_key.kept_in(tmp_path)
    assert "sesame" not in str(refusal.value)
