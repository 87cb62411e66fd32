"""Everything that differs between deployments is an environment variable (.env.example lists them all)."""

from pathlib import Path

import pghistory

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Who serves whom -------------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "only for development" if DEBUG else None)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
VAULT_KEYS = env.keyring("VAULT_KEYS", "b25seSBmb3IgZGV2ZWxvcG1lbnQsIG5vIHNlY3JldC4=" if DEBUG else None)
"""What the vault is sealed with (services/vault.py). Whoever loses them loses what is in it."""
ERASURE_LEDGER = env.text("ERASURE_LEDGER", "" if DEBUG else None)
"""A file outside the database and its backups that says what was erased and sealed (services/ledger.py)."""
SEAL_EVERY = env.number("SEAL_EVERY", 300)
"""Seconds after which a process that writes seals the history (services/history_seals.py); 0: seal_history alone does."""
PUBLIC_READ = env.flag("PUBLIC_READ", default=False)
"""Whether a caller without a key reads what is public (DESIGN: anonymous)."""

# --- The application -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "testimonies",
    "testimonies.apps.DeskConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [  # those of config.middleware are for people in a browser
    "testimonies.api.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.Policy",
    "config.middleware.Files",
    "config.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.Users",
    "testimonies.admin.sessions.SessionMiddleware",
    "config.middleware.Messages",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "testimonies.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # the browser stores no text
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60  # seconds that a link to choose a password works
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- PostgreSQL ------------------------------------------------------------------------------------------------------
PREPARE_STATEMENTS = env.flag("PREPARE", default=True)
"""Off behind a PgBouncer that shares connections between transactions and is older than 1.21 (docs/how-to/connect-through-pgbouncer.md)."""
STATEMENT_TIMEOUT = env.number("STATEMENT_TIMEOUT", 10)
"""Seconds after which the service gives a statement up (config/wsgi.py); 0: never. Commands have no limit."""
EXPORT_TIMEOUT = 60 * env.number("EXPORT_MINUTES", 60, least=1)
"""Seconds that a statement of an export may take: as long as whoever asked reads what is sent."""
EXPORTS_AT_ONCE = env.number("EXPORTS_AT_ONCE", 2, least=1)
"""Exports that one process sends at a time. Each keeps a thread and a connection: leave some for everybody else."""
EXPORT_LINK_HOURS = env.number("EXPORT_LINK_HOURS", 24, least=1)
"""How long the link of a prepared export works."""
DATABASE = env.database("DATABASE_URL")
DATABASES = {
    "default": {
        **DATABASE,
        "OPTIONS": {
            # a thread of the server asks for one connection at a time: more than it has threads would never be used. An import takes two
            "pool": {
                "min_size": 1,
                "max_size": max(
                    2, env.number("DB_POOL_SIZE", env.number("GRANIAN_BLOCKING_THREADS", 4, least=1), least=1)
                ),
                "timeout": 10,
            },
            # prepared is only what asks for it (selectors/sql.py); Django's own cursors bind on the client
            "prepare_threshold": 1_000_000 if PREPARE_STATEMENTS else None,
            "options": "-c TimeZone=UTC",
            **DATABASE["OPTIONS"],
        },
        "DISABLE_SERVER_SIDE_CURSORS": not PREPARE_STATEMENTS,  # they too would outlive their transaction
    }
}

# --- History: triggers that pghistory writes (testimonies/models/history.py, docs/adr/0010) ------------------------------
PGHISTORY_CREATED_AT_FUNCTION = "testimonies_moment()"
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)  # what is looked for has an index of its own

# --- Jobs: kept and handed out by PostgreSQL (testimonies/services/jobs.py, docs/adr/0032) --------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = ["testimonies.services.jobs"]

# --- Words and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["config.formats"]

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT", "") or None  # where collectstatic gathers files, if it is used at all
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a testimony of many parts: each field with what it began with
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # the few files of the admin and Swagger UI are found where they are installed
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- What a browser may do -------------------------------------------------------------------------------------------
HTTPS = env.flag("HTTPS", default=False)
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
"""Whether a proxy says by X-Forwarded-Proto and X-Forwarded-For how and from where somebody asks."""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # a link from a letter opens the desk; a form elsewhere does not
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE = 60 * env.number("SESSION_IDLE_MINUTES", 30, least=1)
SESSION_COOKIE_AGE = 3600 * env.number("SESSION_LONGEST_HOURS", 12, least=1)
"""Sessions at the desk end after so many seconds without a page, and so many seconds after the login (admin/sessions.py)."""
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    }
}

# --- The API ---------------------------------------------------------------------------------------------------------
APPEND_SLASH = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["testimonies.api.permissions.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["testimonies.api.permissions.MayAsk"],
    "DEFAULT_PARSER_CLASSES": ["testimonies.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "testimonies.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "testimonies.api.requests.JsonOnly",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
}

CHANGES_WAITING = env.number(
    "CHANGES_WAITING", max(1, env.number("GRANIAN_BLOCKING_THREADS", 4, least=1) // 4), least=1
)
"""So many requests of changes/ may wait in a process at once, each on one of its threads."""

SEARCH_LANGUAGES = env.words("SEARCH_LANGUAGES", "en ar de es fr nl ru tr")
"""Languages whose word forms a search knows. Fixed, not read from the texts: a hidden text must change no answer.

After a change: manage.py rebuild_projections --all."""

# --- Logs: never a query string, a parameter or a body (docs/adr) ------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.logs.Sparing", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "CRITICAL"}},
}

# --- The OpenAPI document (docs/adr: which habits client generators need) ----------------------------------------------
_WORDS = "testimonies.models"
SPECTACULAR_SETTINGS = {
    "TITLE": "Testimony records",
    "DESCRIPTION": """\
What people said, to whom, when, where it was published, what researchers coded in it, and what may be done with it.

Every field, record and filter has a tier: `public`, `partner` or `restricted`. A field with `x-tier` is filled from
that tier; below it is null or empty, and its record looks the same as one that has nothing there. A record above the
caller's tier does not exist for them: 404, uncounted, unfound. `/api/v1/me/` says what the caller reads.

Lists are read by cursor. An unknown parameter or value is refused, never ignored. Every error is a problem (RFC 9457),
whose codes are explained under `/api/problems/`.""",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "this service"}],
    "EXTERNAL_DOCS": {"url": "/api/problems/", "description": "Every problem, its cause and its cure"},
    "TAGS": [
        {"name": "testimonies", "description": "What people said: each record is one person on one occasion."},
        {"name": "persons", "description": "People who testify. Names are no keys."},
        {"name": "sources", "description": "Publications and recordings that testimonies and figures cite."},
        {"name": "groups", "description": "Organisations that people are said to have belonged to."},
        {"name": "collections", "description": "Named sets of testimonies with their scope and caveats."},
        {"name": "figures", "description": "Published statements about a collection, never computed from records."},
        {"name": "quotes", "description": "Passages that may be quoted now, with what must stand beside them."},
        {"name": "campaigns", "description": "Outside efforts, and the channels on which they speak."},
        {"name": "uses", "description": "What campaigns use of testimonies, as far as the caller may see it."},
        {"name": "measurements", "description": "How far a use had reached by a day. None overwrites another."},
        {"name": "reach", "description": "Totals of the latest measurements: by campaign, by testimony, by code."},
        {"name": "codebooks", "description": "Versioned sets of codes."},
        {"name": "codes", "description": "What each code means, when to use it and when not."},
        {"name": "same-person-links", "description": "Persons who may be one, as people ask and decide. For staff."},
        {"name": "corrections", "description": "Proposed changes of what is published, and their decision. For staff."},
        {"name": "agreement", "description": "How far coders agree, and where they differ. For editors."},
        {"name": "statistics", "description": "Counts by a fixed list of breakdowns, with their populations."},
        {"name": "assignments", "description": "Who codes what, blind until it is submitted. For staff."},
        {"name": "assignment-shares", "description": "Many assignments at once. For editors."},
        {"name": "codings", "description": "What coders coded, passage by passage. For staff, as far as not blind."},
        {"name": "decisions", "description": "What editors decided about codings. For staff, as far as not blind."},
        {"name": "imports", "description": "Spreadsheets brought in: checked, applied, row by row. For editors."},
        {"name": "import-mappings", "description": "Which column of a spreadsheet is which of ours. For editors."},
        {"name": "erasures", "description": "That something was erased for good. For custodians."},
        {"name": "exports", "description": "Who took everything of a list, and what for; and files to fetch."},
        {"name": "vault-openings", "description": "Who opened what could lead to a person's door. For custodians."},
        {"name": "vault-lookups", "description": "Of whom exactly something is known. For custodians."},
        {"name": "vault-entries", "description": "What could lead to a person's door. For custodians."},
        {"name": "vault-removals", "description": "Entries taken away for good. For custodians."},
        {"name": "changes", "description": "What apps follow: what came, what changed, what is shown no more."},
        {"name": "me", "description": "The caller, and what is withheld from callers like them."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_NAME_OVERRIDES": {
        "Role": "testimonies.access.Role",
        "Tier": "testimonies.api.saying.TIER_WORDS",
        "Use": "testimonies.access.Use",
        "Gender": f"{_WORDS}.persons.Gender",
        "NameKind": f"{_WORDS}.persons.NameKind",
        "LinkStatus": f"{_WORDS}.persons.LinkStatus",
        "EvidenceBasis": f"{_WORDS}.sources.Evidence.Basis",
        "Belonging": f"{_WORDS}.groups.Belonging",
        "Medium": f"{_WORDS}.sources.Medium",
        "Reliability": f"{_WORDS}.sources.Reliability",
        "Relation": f"{_WORDS}.sources.Relation",
        "AccountKind": f"{_WORDS}.testimonies.Kind",
        "SpeakingConditions": f"{_WORDS}.testimonies.SpeakingConditions",
        "Credibility": f"{_WORDS}.testimonies.Credibility",
        "TestimonyStatus": f"{_WORDS}.testimonies.Status",
        "CodingStatus": f"{_WORDS}.testimonies.CodingStatus",
        "ContentWarning": f"{_WORDS}.testimonies.Warning",
        "TextKind": f"{_WORDS}.testimonies.TextKind",
        "Basis": f"{_WORDS}.clearances.Basis",
        "CodebookStatus": f"{_WORDS}.codebooks.CodebookStatus",
        "CodeFate": "testimonies.selectors.codebook_versions.Fate",
        "CodeChange": "testimonies.selectors.codebook_versions.Change",
        "ActorKind": f"{_WORDS}.campaigns.ActorKind",
        "UseKind": f"{_WORDS}.campaigns.UseKind",
        "Metric": f"{_WORDS}.campaigns.Metric",
        "QuoteStatus": f"{_WORDS}.quotes.QuoteStatus",
        "QuoteVerdict": f"{_WORDS}.quotes.VERDICTS",
        "CountStatus": "testimonies.selectors.beside.CountStatus",
        "ReachBy": "testimonies.selectors.reach.By",
        "Listing": f"{_WORDS}.collections.Listing",
        "FigureScope": f"{_WORDS}.collections.FigureScope",
        "FigureStatus": f"{_WORDS}.collections.FigureStatus",
        "Disclosure": f"{_WORDS}.persons.Disclosure",
        "CorrectedKind": f"{_WORDS}.corrections.CorrectedKind",
        "CorrectionState": f"{_WORDS}.corrections.CorrectionState",
        "CorrectionVerdict": f"{_WORDS}.corrections.VERDICTS",
        "AssignmentState": f"{_WORDS}.assignments.AssignmentState",
        "AssignmentStep": "testimonies.api.v1.assignments.STEPS",
        "Presence": f"{_WORDS}.codings.Presence",
        "Anchor": f"{_WORDS}.codings.Anchor",
        "ExportState": f"{_WORDS}.exports.ExportState",
        "ExportFormat": f"{_WORDS}.exports.ExportFormat",
        "ExportResource": "testimonies.api.v1.exports.RESOURCES",
        "VaultKind": f"{_WORDS}.vault.VaultKind",
        "VaultAct": f"{_WORDS}.vault.VaultAct",
        "NameKindWrite": "testimonies.api.v1.persons.NAME_KINDS",
        "MissingReasonWrite": f"{_WORDS}.fields.Missing",
        "MissingReason": "testimonies.projections.shapes.MissingReason",
        "HistoryAct": "testimonies.selectors.history.Act",
        "AgreementMeasure": "testimonies.selectors.agreement.Measure",
        "AgreementScope": "testimonies.selectors.agreement.Scope",
        "MeasurementLevel": "testimonies.api.v1.agreement.MeasurementLevel",
        "AnswerStatus": "testimonies.api.v1.agreement.AnswerStatus",
        "NoAnswerReason": "testimonies.api.v1.agreement.NoAnswerReason",
        "DateFormat": f"{_WORDS}.import_mappings.DateFormat",
        "ColumnKind": "testimonies.services.importing.declaring.ColumnKind",
        "StatisticKind": "testimonies.api.v1.statistics.StatisticKind",
        "StatisticPlace": "testimonies.selectors.breakdowns.Place",
        "StatisticYears": "testimonies.selectors.breakdowns.Over",
        "CountKind": "testimonies.api.components.CountKind",
        "SearchKind": "testimonies.api.components.SearchKind",
        "ImportState": f"{_WORDS}.imports.ImportState",
        "ImportFileKind": f"{_WORDS}.imports.FileKind",
        "OnError": f"{_WORDS}.imports.OnError",
        "ImportOutcome": f"{_WORDS}.imports.RowOutcome",
        "SnippetField": "testimonies.projections.shapes.SnippetField",
    },
    "DEFAULT_GENERATOR_CLASS": "testimonies.api.schema.Generator",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "testimonies.api.schema.finish"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
