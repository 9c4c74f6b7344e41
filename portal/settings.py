"""Django's settings, all from the environment (see docs/operations.md)."""

from datetime import timedelta
from os.path import relpath
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal import env, foreign_views

BASE_DIR = env.BASE_DIR
DATA_DIR = env.data_directory("PORTAL_DATA_DIR", "var")

# What kind of installation this is. A database address makes it production.
PRODUCTION = bool(env.text("DATABASE_URL", "") or env.text("DATABASE_URL_FILE", ""))
BASE_URL = env.base_url("PORTAL_BASE_URL", None if PRODUCTION else "http://127.0.0.1:8000")
PORTAL_NAME = env.text("PORTAL_NAME", "Certification Portal")
DEMO = env.flag("PORTAL_DEMO", default=not PRODUCTION and env.is_loopback(BASE_URL))
if PRODUCTION and DEMO and not env.is_loopback(BASE_URL):
    raise ImproperlyConfigured("PORTAL_DEMO: demo accounts have a published password; refused.")
SECURE = BASE_URL.startswith("https://")
if PRODUCTION and not SECURE and not env.is_loopback(BASE_URL):
    raise ImproperlyConfigured("PORTAL_BASE_URL: must begin with https:// in production.")

DEBUG = False
SECRET_KEY = (
    env.text("PORTAL_SECRET_KEY")
    if PRODUCTION
    else env.text("PORTAL_SECRET_KEY", "") or env.kept_secret(DATA_DIR / "secret_key")
)
# Older keys still read what they signed and encrypted.
SECRET_KEY_FALLBACKS = sorted(env.names("PORTAL_SECRET_KEY_FALLBACKS"))
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname]
if not PRODUCTION:
    ALLOWED_HOSTS += [host for host in env.LOOPBACK if host not in ALLOWED_HOSTS]
TRUSTED_PROXIES = env.whole_number("TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "portal",
    "verification",
    "audits",
    "certification",
    "schemes",
    "organisations",
    "accounts",
    "foundation",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_countries",
    "django_filters",
    "django_htmx",
    "simple_history",
    "portal.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "portal.requests.KnownMethodsMiddleware",
    "portal.requests.LocalProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.requests.RequestIdMiddleware",
    "portal.requests.NotKeptMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "organisations.middleware.ActorMiddleware",
    "foundation.problems.ProblemMiddleware",
    "organisations.middleware.ProgramLimitsMiddleware",
    "organisations.middleware.SessionLimitsMiddleware",
    "organisations.middleware.SecondFactorMiddleware",
    "foundation.access.ClosedByDefaultMiddleware",
    "foundation.standstill.ReadOnlyMiddleware",
]

# The rights of views that cannot carry our decorator.
FOREIGN_VIEWS = foreign_views.FOREIGN_VIEWS

# Who acts when a job does what a person asked for earlier.
ACTOR_AGAIN = "organisations.actors.actor_again"
# Who can act for which organisation, for the rows of waiting work.
WORK_CREWS = "organisations.actors.crews_of"
WORK_PARTY = "organisations.organisation"

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organisations.context.actor",
                "portal.context.portal",
                "portal.navigation.navigation",
            ],
        },
    },
]

# Database. A write lock taken at the start of a transaction waits; one taken in the middle fails.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA analysis_limit=400;",
}
POSTGRESQL_OPTIONS = {
    "connect_timeout": 3,
    "tcp_user_timeout": 4000,
    # Somebody who waits for an answer sends nothing whose loss could be noticed.
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    # A session that nobody can reach any more keeps its locks: the server ends it.
    "options": "-c statement_timeout=30000 -c lock_timeout=3000 -c synchronous_commit=on "
    "-c idle_in_transaction_session_timeout=15000",
    "pool": {"min_size": 1, "max_size": 12, "timeout": 4},
}
if PRODUCTION:
    DATABASES = {"default": env.database("DATABASE_URL")}
else:
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "portal.sqlite3"}
    }
DATABASES["default"]["OPTIONS"] = {
    **(
        POSTGRESQL_OPTIONS
        if DATABASES["default"]["ENGINE"].endswith("postgresql")
        else SQLITE_OPTIONS
    ),
    **DATABASES["default"].get("OPTIONS", {}),
}
# Where pg_dump and pg_restore lie when they are not on the PATH; not older than the server.
POSTGRESQL_PROGRAMS = env.text("PORTAL_POSTGRESQL_PROGRAMS", "")
# A connection that died with a restarted database is replaced before it is used.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache and broker. Without an address every process has its own cache and jobs wait for the relay.
REDIS_URL = env.url("REDIS_URL", "", ("redis", "rediss", "unix"))
REDIS_OPTIONS = {
    "socket_connect_timeout": 0.4,
    "socket_timeout": 0.4,
    "retry": Retry(NoBackoff(), 0),
}
SESSION_ENGINE = "accounts.session_store"
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "portal.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": REDIS_OPTIONS,
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Jobs. The broker only carries: each job is a row, and the relay publishes it again when lost.
BROKER = bool(REDIS_URL)
# Seconds: how long a worker may be silent over a job before another takes it up, after which a
# published job is published again, and the first pause before a job is tried again.
JOB_LEASE = 900
JOB_REPUBLISH_AFTER = 60
JOB_PAUSE = 15
CELERY_BROKER_URL = env.celery_address(REDIS_URL)
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 570
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A request that publishes gives up within a second; the worker waits longer (portal/celery.py).
    "socket_connect_timeout": 0.4,
    "socket_timeout": 0.4,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BEAT_SCHEDULE = {
    "anchor": {"task": "foundation.anchor", "schedule": timedelta(minutes=1)},
    "doctor": {"task": "foundation.doctor", "schedule": crontab(hour=3, minute=30)},
    "relay": {"task": "foundation.relay", "schedule": timedelta(seconds=5)},
    "rebuild work": {"task": "foundation.rebuild_work", "schedule": crontab(hour=3, minute=40)},
    "statistics": {"task": "foundation.renew_statistics", "schedule": crontab(hour=3, minute=50)},
    "work of the day": {"task": "foundation.daily", "schedule": timedelta(minutes=5)},
    "sweep files": {"task": "foundation.sweep_files", "schedule": timedelta(hours=1)},
    "sweep undo": {"task": "foundation.sweep_undo", "schedule": timedelta(hours=6)},
}

# People.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name", "name_latin"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.LeakedPasswordValidator"},
]
LEAKED_PASSWORDS = env.existing_file("PORTAL_LEAKED_PASSWORDS")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.people.SignUpForm"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
# Only in the browser that signed up, which has just shown the password.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# How long an invitation and an offered handover are good.
INVITATION_LASTS = timedelta(days=7)
# How long a key for programs is good at most, and how often a key and an address may ask a minute.
API_KEY_DAYS = 365
API_LIMITS = {"key": 600, "address": 30}
# Where people sign in besides here.
OIDC_PROVIDERS = env.oidc_providers("OIDC_PROVIDERS")

# Second factors: required of bodies, authorities and operators unless this says optional.
SECOND_FACTOR = env.choice(
    "PORTAL_SECOND_FACTOR", "optional" if DEMO else "required", ("required", "optional")
)
MFA_ADAPTER = "organisations.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.forms.factors.CodeForm",
    "authenticate_webauthn": "accounts.forms.factors.PasskeyForm",
    "activate_totp": "accounts.forms.factors.AppForm",
    "login_webauthn": "accounts.forms.factors.LoginPasskeyForm",
    "add_webauthn": "accounts.forms.factors.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.factors.RenamePasskeyForm",
}
# Nobody is signed in without a confirmed address, so a second one that waits is no danger.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 10
# The clocks of telephones: one step of 30 s before and after.
MFA_TOTP_TOLERANCE = 1

# Language and time.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SECURE
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
COUNTRIES_FIRST = ["CN"]

# What the browser may do with our pages.
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
# How long a session may rest, and last: of people whose work others rely on, and of all others.
SESSION_LIMITS = {
    "staff": (timedelta(minutes=30), timedelta(hours=12)),
    "others": (timedelta(hours=4), timedelta(hours=24)),
}
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "foundation.bodies.BodyLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Lists. Longer exports become a job; one bulk action takes at most so many rows.
LIST_EXPORT_DIRECT = env.whole_number("PORTAL_LIST_EXPORT_DIRECT", 2_000)
LIST_BULK_LIMIT = env.whole_number("PORTAL_LIST_BULK_LIMIT", 5_000)

# Files. What people upload and what we issue is served by a view that checks access: no MEDIA_URL.
FILES_DIR = env.file_storage("STORAGE_URL", DATA_DIR / "files")
# How large one file may be, in bytes: by an ordinary form, and where large ones are expected.
FILE_LIMIT = env.whole_number("FILE_LIMIT_MB", 25) * 1024**2
LARGE_FILE_LIMIT = env.whole_number("LARGE_FILE_LIMIT_MB", 250) * 1024**2
# How much an organisation may keep, unless an operator gave it another quota.
FILE_QUOTA = env.whole_number("FILE_QUOTA_MB", 10_000) * 1024**2
CLAMAV_ADDRESS = env.scanner_address("CLAMAV_ADDRESS")
FONT_DIR = env.data_directory("PORTAL_FONT_DIR", "var/fonts")
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_built"
# Third-party assets are put into var/vendor by script/bootstrap.
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", BASE_DIR / "var" / "vendor")]
# script/server and production serve the set collected beforehand; everything else reads the source.
STATIC_BUILT = env.flag("PORTAL_STATIC_BUILT", default=PRODUCTION)
WHITENOISE_USE_FINDERS = not STATIC_BUILT
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_DIR, "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Whom the pages for everybody name for questions, complaints and reports of misuse.
CONTACT = env.text(
    "PORTAL_CONTACT",
    "operator@demo.example" if DEMO else f"contact@{urlsplit(BASE_URL).hostname}",
)

# E-mail. The demo writes its letters to files.
MAIL = env.email("EMAIL_URL", "smtp://localhost:25" if PRODUCTION else "filemail://")
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"] or DATA_DIR / "mail"
# Where the pages of the demo say that its letters lie.
DEMO_MAIL = relpath(EMAIL_FILE_PATH) if DEMO and "filebased" in EMAIL_BACKEND else ""
EMAIL_HOST = MAIL["EMAIL_HOST"] or ""
EMAIL_HOST_USER = MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = MAIL.get("EMAIL_USE_TLS", False)
EMAIL_PORT = MAIL["EMAIL_PORT"] or (587 if EMAIL_USE_TLS else 25)
EMAIL_USE_SSL = MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
# Hosts on a network of our own, to which connections need no encryption; loopback never does.
PLAIN_HOSTS = env.names("PORTAL_PLAIN_HOSTS")
if PRODUCTION:
    env.demand_encryption(DATABASES["default"], REDIS_URL, MAIL, PLAIN_HOSTS)
DEFAULT_FROM_EMAIL = f"{PORTAL_NAME} <noreply@{urlsplit(BASE_URL).hostname}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The hour, in the portal's time zone, after which the daily digests go out.
DIGEST_HOUR = env.hour("PORTAL_DIGEST_HOUR", 7)

# Who may read /metrics besides this machine itself.
METRICS_TOKEN = env.secret("PORTAL_METRICS_TOKEN", 20)

# The log, on stderr. Addresses of requests stand in none of its lines: some hold a secret.
LOG_FORM = env.one_of("PORTAL_LOG", "json" if PRODUCTION else "text", ("json", "text"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "foundation.logs.formatter", "as_json": LOG_FORM == "json"}},
    "filters": {"raised": {"()": "foundation.logs.Raised"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # How a request ended has an event of ours; what Django adds are the traces.
        "django.request": {"level": "ERROR", "filters": ["raised"]},
        "django.server": {"handlers": [], "propagate": True, "level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
