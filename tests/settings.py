"""The settings of the test suite: the real ones, with nothing taken from this machine's environment or `.env`."""

import atexit
import os
import shutil
import tempfile

OURS = ("CHAT_", "EMAIL_", "MAGICKPEN_", "OIDC_", "OPENAI_")
OTHERS = ("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "HOST", "LOG_LEVEL", "PORT", "REDIS_URL", "SECRET_KEY", "SIGNUP",
          "SITE_URL", "TIME_ZONE", "TRUSTED_PROXIES")  # fmt: skip
for name in list(os.environ):
    if name in OTHERS or (name.startswith(OURS) and not name.startswith("CHAT_TESTS_")):
        del os.environ[name]
os.environ["ENV_FILE"] = os.devnull
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="magickpen-tests-")
os.environ["DATABASE_URL"] = os.environ.get("CHAT_TESTS_DATABASE_URL", "")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from magickpen_site.settings import *  # noqa: E402, F403
from magickpen_site.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

# A file, because threads of one test share it, and SQLite's shared memory refuses a second writer instead of waiting.
DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"} if not os.environ["DATABASE_URL"] else {}
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)  # tests ask from many short-lived threads
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
