"""Settings of dancecoach, in the order of Django's documentation.

Everything that varies comes from the environment; see .env.example.
https://docs.djangoproject.com/en/5.2/ref/settings/
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import environ  # type: ignore[import-untyped]  # It ships no types.
from django.core.exceptions import ImproperlyConfigured

from dancecoach import __version__
from dancecoach.live_fields import FIELDS, FIELDSETS, live_config
from dancecoach.log_format import logging_config
from dancecoach.mail_settings import mail_settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
env.read_env(str(BASE_DIR / ".env"))  # Never overrides the real environment.

# The development requirements are installed: this is no deployment.
IS_DEVELOPMENT = find_spec("behave_django") is not None

# Core
# https://docs.djangoproject.com/en/5.2/ref/settings/#core-settings

DEBUG = env.bool("DJANGO_DEBUG", default=IS_DEVELOPMENT)
DEVELOPMENT_KEY = "development-only-and-refused-anywhere-else-0123456789abcdef"
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default=DEVELOPMENT_KEY if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "DJANGO_SECRET_KEY is not set and DJANGO_DEBUG is off, so nothing can be "
        "signed. Next: export DJANGO_SECRET_KEY=\"$(python -c 'import secrets; "
        "print(secrets.token_urlsafe(50))')\""
    )
# Former keys: what they signed stays valid, tokens too. Newest first.
SECRET_KEY_FALLBACKS = env.list("DJANGO_SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "DJANGO_ALLOWED_HOSTS",
    default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [],
)

INSTALLED_APPS = [
    # Before the admin, whose templates it extends.
    "dancecoach.apps.DancecoachConfig",
    "dancecoach.apps.PanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Array fields are its own; Django 6 insists.
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "dancecoach.apps.LiveSettingsConfig",
    "users",
]
if IS_DEVELOPMENT:
    # Before behave_django, whose command `behave` it extends.
    INSTALLED_APPS += ["testing", "behave_django"]

MIDDLEWARE = [
    # First, because it logs what all others do.
    "dancecoach.request_log.RequestLog",
    # Second, because it shapes the errors of those that follow.
    "dancecoach.middleware.ErrorShape",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "dancecoach.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "dancecoach.urls"
WSGI_APPLICATION = "dancecoach.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Database
# https://docs.djangoproject.com/en/5.2/ref/settings/#databases

if database_url := env.str("DATABASE_URL", default=""):
    # Looked at before it is read: the reader's warning would show the password.
    scheme = database_url.partition("://")[0]
    if env.DB_SCHEMES.get(scheme) != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL names no PostgreSQL server, and the service runs on nothing "
            "else. Next: export DATABASE_URL=postgres://user:password@host:5432/name, "
            "or `unset DATABASE_URL` for the embedded server of development"
        )
    DATABASES = {"default": env.db("DATABASE_URL")}
else:
    # Of the development requirements, like the server that it starts.
    from testing.embedded import database_settings

    DATABASES = {
        "default": database_settings(folder=BASE_DIR / ".postgres", name="dancecoach")
    }
# Readiness has to answer, not to hang, when the server is away. In seconds.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
if not DEBUG:
    # Each thread of the server keeps its connection. runserver has a new thread
    # for each request, and would leave them all open.
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)

# Caches
# https://docs.djangoproject.com/en/5.2/ref/settings/#caches

# In the database, because every process has to find what another one cached and
# to miss what another one flushed.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "dancecoach_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# Logging
# https://docs.djangoproject.com/en/5.2/ref/settings/#logging

# Until the first request, which brings the live setting LOG_LEVEL.
LOG_LEVEL = env.str("DJANGO_LOG_LEVEL", default="INFO").upper()
LOGGING = logging_config(level=LOG_LEVEL)
# One line for each request.
REQUEST_LOG = True

# Security
# https://docs.djangoproject.com/en/5.2/ref/settings/#security

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
IS_BEHIND_TLS = env.bool("DJANGO_TLS", default=not DEBUG)
SECURE_SSL_REDIRECT = IS_BEHIND_TLS
# Probes come from within, past the proxy that terminates TLS.
SECURE_REDIRECT_EXEMPT = [r"^api/(health|healthz|ready)$"]
SECURE_HSTS_SECONDS = env.int(
    "DJANGO_HSTS_SECONDS", default=365 * 24 * 60 * 60 if IS_BEHIND_TLS else 0
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool(
    "DJANGO_HSTS_INCLUDE_SUBDOMAINS", default=IS_BEHIND_TLS
)
if env.bool("DJANGO_TRUST_FORWARDED_PROTO", default=False):
    # Only behind a proxy that sets this header itself.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = IS_BEHIND_TLS
CSRF_COOKIE_SECURE = IS_BEHIND_TLS
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
SILENCED_SYSTEM_CHECKS = [
    # Preloading HSTS is for the owner of the whole domain to ask for, and it
    # cannot be taken back for months.
    "security.W021",
]

# Authentication
# https://docs.djangoproject.com/en/5.2/ref/settings/#auth

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Internationalization
# https://docs.djangoproject.com/en/5.2/ref/settings/#i18n-l10n

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Static files
# https://docs.djangoproject.com/en/5.2/ref/settings/#static-files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
if not DEBUG:
    # Served by the service itself, compressed and under names that hold their
    # hash. In development runserver finds the files where they are.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1,
        "whitenoise.middleware.WhiteNoiseMiddleware",
    )
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {
            "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        },
    }

# Mail
# https://docs.djangoproject.com/en/5.2/ref/settings/#email

# In development the text is printed, link and all.
globals().update(
    mail_settings(
        env.email_url(
            "DJANGO_EMAIL_URL",
            default="consolemail://" if DEBUG else "smtp://localhost:25",
        ),
        timeout=10,
    )
)
DEFAULT_FROM_EMAIL = env.str(
    "DJANGO_DEFAULT_FROM_EMAIL", default="Dance coach <no-reply@localhost>"
)

# Tests
# https://docs.djangoproject.com/en/5.2/ref/settings/#test-runner

TEST_RUNNER = "testing.runner.SchemaRunner"
TESTING = {
    # In force while tests run, in every worker: hashing a password well takes
    # 50 ms, and no test is about that.
    "OVERRIDES": {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Standard error is for the tests' own words.
        "REQUEST_LOG": False,
        # Tests make their own administrators.
        "ADMIN_PASSWORD": "",
    },
    # What requests change in the memory of the process.
    "RESET": ["dancecoach.process_state.restore"],
    # @setting.NAME=value also names live settings.
    "SETTING_TAGS": "dancecoach.setting_tags.put_in_force",
    # The engine's own tests are about what a schema does not isolate.
    "HAZARDS_ACCEPTED": [
        f"{kind}: testing/tests/*"
        for kind in (
            "advisory lock",
            "extension",
            "global object",
            "public",
            "search path",
        )
    ],
}

# Django REST framework
# https://www.django-rest-framework.org/api-guide/settings/

REST_FRAMEWORK = {
    # Closed by default: a view that is open says so itself.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.BearerAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["dancecoach.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "dancecoach.negotiation.LenientNegotiation",
    # ?format= belongs to the views, `/api/version` for one.
    "URL_FORMAT_OVERRIDE": None,
    # An error of the whole body, in the details of a validation error.
    "NON_FIELD_ERRORS_KEY": "body",
    "EXCEPTION_HANDLER": "dancecoach.errors.error_response",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

# drf-spectacular: the OpenAPI schema
# https://drf-spectacular.readthedocs.io/en/latest/settings.html

SPECTACULAR_SETTINGS = {
    "TITLE": "Dance coach",
    "DESCRIPTION": "Accounts and greetings for people who take dance lessons.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    # What is taken in may be stricter than what is given out.
    "COMPONENT_SPLIT_REQUEST": True,
    # Swagger UI comes from here, not from the internet.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "dancecoach.schema.forbid_unknown_fields",
    ],
}

# django-constance: the settings that change while the service runs
# https://django-constance.readthedocs.io/

CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_ADDITIONAL_FIELDS = FIELDS
CONSTANCE_CONFIG_FIELDSETS = FIELDSETS
# What they are until somebody changes them.
CONSTANCE_CONFIG = live_config(
    API_V2_ENABLED=env.bool("DJANGO_API_V2_ENABLED", default=False),
    JWT_TTL=timedelta(seconds=env.int("DJANGO_JWT_TTL", default=24 * 60 * 60)),
    JWT_RETENTION_FACTOR=env.float("DJANGO_JWT_RETENTION_FACTOR", default=2.0),
    JWT_RETENTION_MAX=timedelta(
        seconds=env.int("DJANGO_JWT_RETENTION_MAX", default=72 * 60 * 60)
    ),
    RATE_LIMIT_ENABLED=env.bool("DJANGO_RATE_LIMIT_ENABLED", default=True),
    RATE_LIMIT_PER_MINUTE=env.int("DJANGO_RATE_LIMIT_PER_MINUTE", default=60),
    RATE_LIMIT_BURST=env.int("DJANGO_RATE_LIMIT_BURST", default=10),
    CACHE_ENABLED=env.bool("DJANGO_CACHE_ENABLED", default=True),
    LOG_LEVEL=LOG_LEVEL,
)

# The service
# docs: README.md, "Configuration".

# A request's body under /api/, in bytes; longer ones get 413.
REQUEST_BODY_LIMIT = 64 * 1024
# What /api/version tells about the build, beside its version.
BUILD_COMMIT = env.str("DJANGO_COMMIT", default="unknown")
BUILD_DATE = env.str("DJANGO_BUILD_DATE", default="unknown")
# Of the superuser "admin", whom `migrate` makes where nobody is a superuser.
ADMIN_PASSWORD = env.str("DANCECOACH_ADMIN_PASSWORD", default="")
# How many proxies stand before the service, each of which appends the address of
# its client to X-Forwarded-For.
PROXY_COUNT = env.int("DJANGO_PROXY_COUNT", default=0)
# Where people reach the service, for links in mail; else where the request came.
PUBLIC_URL = env.str("DJANGO_PUBLIC_URL", default="").rstrip("/")
