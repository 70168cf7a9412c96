"""All settings, from the environment and from `.env`; docs/configuration.md explains each variable."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from chat.providers import PROVIDERS, Provider, magickpen, openai
from magickpen_site import env, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(Path(os.environ.get("ENV_FILE", BASE_DIR / ".env")))

# Where it runs
DEBUG = env.yes("DEBUG")
DATA_DIR = BASE_DIR / env.text("DATA_DIR", "data")
HOST = env.host("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, 1, 65535)
SITE_URL = env.address("SITE_URL", env.own_address(HOST, PORT), ["http", "https"], bare=True)
IS_HTTPS = SITE_URL.startswith("https://")
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
IS_LOCAL = DEBUG or env.host_of(SITE_URL) in LOOPBACK
ALLOWED_HOSTS = [env.host_of(SITE_URL), *env.hosts("ALLOWED_HOSTS", LOOPBACK if IS_LOCAL else [])]
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, 0, 9)
SECRET_KEY = env.text("SECRET_KEY") or secret_key.kept_in(DATA_DIR)
if len(SECRET_KEY) < 16:
    env.refuse("SECRET_KEY", "is too short", "50 random characters or more (or none at all: then one is made and kept)")

# Who answers: whoever is configured, or else the bundled practice upstream that quickstart then starts
HAS_MAGICKPEN = env.is_set("MAGICKPEN_URL", "MAGICKPEN_API_ENDPOINT", "MAGICKPEN_PROXY")
HAS_OPENAI = env.is_set("OPENAI_BASE_URL")
UPSTREAM_IS_CHOSEN = HAS_MAGICKPEN or HAS_OPENAI or env.is_set("CHAT_PROVIDERS")
PRACTICE = False
CHAT_PROVIDERS = env.choices(
    "CHAT_PROVIDERS", "openai" if HAS_OPENAI and not HAS_MAGICKPEN else "magickpen", [*PROVIDERS]
)
PATIENCE = {
    "silence_seconds": float(env.number("CHAT_SILENCE_SECONDS", int(Provider.silence_seconds), 1, 3_600)),
    "reply_seconds": float(env.number("CHAT_REPLY_SECONDS", int(Provider.reply_seconds), 1, 86_400)),
}
PROVIDER_OPTIONS: dict[str, dict[str, Any]] = {
    "magickpen": {
        "url": env.address("MAGICKPEN_URL", magickpen.ADDRESS, ["http", "https"]),
        "api_endpoint": env.address("MAGICKPEN_API_ENDPOINT", magickpen.API_ENDPOINT, ["http", "https"]),
        "proxy": env.address("MAGICKPEN_PROXY", "", ["http", "https"], secret=True) or None,
        "salt": env.text("MAGICKPEN_SALT", magickpen.SALT),
        **PATIENCE,
    },
    "openai": {
        "url": env.address("OPENAI_BASE_URL", openai.ADDRESS, ["http", "https"]),
        "api_key": env.text("OPENAI_API_KEY") or None,
        "models": tuple(env.words("OPENAI_MODELS")),
        **PATIENCE,
    },
}
if "openai" in CHAT_PROVIDERS and not (HAS_OPENAI or PROVIDER_OPTIONS["openai"]["api_key"]):
    env.refuse(
        "OPENAI_BASE_URL", "is not set, though CHAT_PROVIDERS names openai", "http://127.0.0.1:11434/v1 and the like"
    )

# Who may ask, and how much
SIGNUP = env.choice("SIGNUP", "closed", ["open", "approval", "invite", "closed"])
CHAT_DAILY_MESSAGES = env.number("CHAT_DAILY_MESSAGES", 0, 0, 1_000_000)  # 0 is no limit
CHAT_RETENTION_DAYS = env.number("CHAT_RETENTION_DAYS", 0, 0, 36_500)  # 0 is for ever
CHAT_MINUTE_MESSAGES = env.number("CHAT_MINUTE_MESSAGES", 0, 0, 10_000)
CHAT_MAX_CONVERSATION_MESSAGES = env.number("CHAT_MAX_CONVERSATION_MESSAGES", 0, 0, 1_000_000)
PROVIDER_DAILY_MESSAGES = {name: env.number(f"{name.upper()}_DAILY_MESSAGES", 0, 0, 100_000_000) for name in PROVIDERS}
CHAT_CONCURRENT_REPLIES = env.number("CHAT_CONCURRENT_REPLIES", 5, 1, 10_000)
CHAT_MAX_PROMPT_CHARS = env.number("CHAT_MAX_PROMPT_CHARS", 16_000, 1, 60_000)
CHAT_MAX_HISTORY_CHARS = env.number("CHAT_MAX_HISTORY_CHARS", 64_000, 1_000, 10_000_000)
CHAT_MAX_REPLY_CHARS = env.number("CHAT_MAX_REPLY_CHARS", 200_000, 1_000, 10_000_000)

# Django
INSTALLED_APPS = [
    "chat.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "channels",
    "chat.apps.ChatConfig",
]
MIDDLEWARE = [
    "magickpen_site.headers.middleware",
    "django.middleware.security.SecurityMiddleware",
    "magickpen_site.static.Middleware",
    "magickpen_site.privacy.middleware",
    "csp.middleware.CSPMiddleware",
    "chat.accounts.crowd.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "magickpen_site.zones.middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chat.accounts.middleware.middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.views.refused.Middleware",
]
ROOT_URLCONF = "magickpen_site.urls"
ASGI_APPLICATION = "magickpen_site.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chat.views.context.page",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Accounts
AUTH_USER_MODEL = "chat.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["chat.accounts.backend.Backend"]
PASSWORD_HASHERS = [
    "chat.accounts.hashing.Argon2PasswordHasher",
    *(f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("PBKDF2", "Scrypt")),
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

# Mail, if there is a server for it
MAIL_SERVER = env.mail("EMAIL_URL")
HAS_MAIL = bool(MAIL_SERVER)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if HAS_MAIL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.get("host", ""), MAIL_SERVER.get("port", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.get("user", ""), MAIL_SERVER.get("password", "")
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL_SERVER.get("ssl", False), MAIL_SERVER.get("tls", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.sender("EMAIL_FROM", f"MagickPen Chat <no-reply@{env.host_of(SITE_URL)}>")

# django-allauth: signing up and in, second factor, sessions
ACCOUNT_ADAPTER = "chat.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"} if HAS_MAIL else {"username"}
ACCOUNT_FORMS = {"signup": "chat.accounts.signup.SignupForm"}
ACCOUNT_SIGNUP_FIELDS = (["email*"] if HAS_MAIL else []) + ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": None,  # counted as "sign_in", which does not hold up who has signed in here before
    "sign_in": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "login_failed_known": "5/300s/key",
    "challenge": "20/m/ip",
    "single_sign_on": "20/m/ip",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = not HAS_MAIL
MFA_TOTP_ISSUER = "MagickPen Chat"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "chat.accounts.factors.AuthenticateForm",
    "reauthenticate": "chat.accounts.factors.ReauthenticateForm",
    "add_webauthn": "chat.accounts.factors.AddPasskeyForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS

# OpenID Connect, if a provider is named
OIDC_URL = env.address("OIDC_URL", "", ["http", "https"])
OIDC_SIGNUP = env.yes("OIDC_SIGNUP")
OIDC_VERIFIES_EMAIL = env.yes("OIDC_VERIFIES_EMAIL")
OIDC_APP = {
    "provider_id": "sso",
    "name": env.text("OIDC_NAME", "OpenID Connect"),
    "client_id": env.text("OIDC_CLIENT_ID"),
    "secret": env.text("OIDC_CLIENT_SECRET"),
    "settings": {"server_url": OIDC_URL, "oauth_pkce_enabled": True},
}
if OIDC_URL and not (OIDC_APP["client_id"] and OIDC_APP["secret"]):
    env.refuse("OIDC_URL", "is set without OIDC_CLIENT_ID and OIDC_CLIENT_SECRET", "all three, or none")
SOCIALACCOUNT_ADAPTER = "chat.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": [OIDC_APP] if OIDC_URL else []}}
SOCIALACCOUNT_EMAIL_VERIFICATION = ACCOUNT_EMAIL_VERIFICATION
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# Database: on SQLite, readers never wait (WAL), writers wait for their turn instead of failing (IMMEDIATE), and what is
# deleted is overwritten
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "chat.sqlite3", BASE_DIR)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] |= {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;"
        " PRAGMA secure_delete=ON",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    # The pool would wait ever longer between its attempts to connect, and pages with it; and a server whose machine is
    # gone would be waited for until the system's own limit, which is a quarter of an hour.
    DATABASES["default"]["OPTIONS"] |= {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        "pool": {"min_size": 1, "max_size": 10, "timeout": 3, "reconnect_timeout": 1},
    }

# Between processes: Redis if there are several, else memory
REDIS_URL = env.address("REDIS_URL", "", ["redis", "rediss", "unix"], secret=True)
if REDIS_URL:
    # redis-py 8 would give up on an idle subscription after 5 seconds, hence no time limit on reading.
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "magickpen"},
        }
    }
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "magickpen_site.cache.Cache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"serializer": "magickpen_site.cache.Serializer"},
            "KEY_PREFIX": "magickpen",
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    # Room for the counters of a crowd: when it is full, a third is thrown away, and with it who guessed how often.
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}
    }

# Static files: names carry a hash after collectstatic, so browsers keep them for ever
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "magickpen_site.static.Storage"
    },
}

# Languages
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]
USE_TZ = True
TIME_ZONE = env.zone("TIME_ZONE", "UTC")

# What a browser may do with our pages
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *([env.origin(urlsplit(OIDC_URL))] if OIDC_URL else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
if IS_HTTPS:  # then no other host of the domain can set them
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # other sites of the domain are not ours to decide about
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = IS_HTTPS and TRUSTED_PROXIES > 0
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]

# The log goes to the terminal. SQL is never in it, because its parameters are what people wrote.
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "magickpen_site.logs.Line", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": "WARNING"},
    "loggers": {
        "chat": {"level": LOG_LEVEL},
        "magickpen_site": {"level": LOG_LEVEL},
        "django": {"handlers": ["terminal"], "level": "WARNING", "propagate": False},
        "django.db.backends": {"level": "INFO"},
        "channels_redis": {"level": "CRITICAL"},  # a traceback a second; chat.live says it in one line
        "django.request": {"level": "ERROR"},  # what went wrong here, not what others asked for in vain
        "django.security": {"level": "CRITICAL"},
        "django.security.csrf": {"level": "WARNING"},
    },
}

env.refuse_typos(("CHAT_", "MAGICKPEN_", "OIDC_", "EMAIL_"), "CHAT_ADMIN_USERNAME", "CHAT_ADMIN_PASSWORD")
