"""Every setting, in one model: the only reader of the environment.

Settings come from the environment, from a `.env` file beside the process, or from a folder in which each is a file of
its name, as container engines mount secrets. Secrets are `SecretStr`, so that they do not show in a log or a traceback.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.broker import address, own
from worker.broker.address import Address
from worker.errors import ConfigError

#: The OAuth 2 grants that both systems offer.
Grant = Literal["client_credentials", "authorization_code"]
ReadLists = Literal["every_pass", "when_due"]
ReportWhen = Literal["changes", "always", "never"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["auto", "json", "console"]
#: Where the files lie, unless SECRETS_DIR says otherwise.
SECRETS_DIR = "/run/secrets"
#: Beside the process; the environment goes before it.
ENV_FILE = ".env"


class Settings(BaseSettings):
    """What an installation decides; each field's description stands in docs/settings.md."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, extra="ignore", frozen=True)

    procore_client_id: str = Field("", description="Client id of the Procore service account")
    procore_client_secret: SecretStr = Field(SecretStr(""), description="Its client secret")
    procore_company_id: int = Field(0, description="Number of the company in Procore")
    procore_api_url: str = Field("https://api.procore.com", description="Procore's API")
    procore_token_url: str = Field("https://login.procore.com/oauth/token", description="Procore's token address")
    procore_web_url: str = Field(
        "https://app.procore.com",
        description="Procore's pages, as bills in Xero name them; unless it is set, other links go where Procore says",
    )
    procore_grant: Grant = Field(
        "client_credentials",
        description="How we log in: client_credentials (service account), or authorization_code (`connect procore`)",
    )
    procore_authorize_url: str = Field(
        "https://login.procore.com/oauth/authorize", description="Where a person lets the app into Procore"
    )
    procore_calls_at_once: int = Field(
        20, ge=0, description="Calls to Procore at the same time, fewer when its answers say so; 0: heed no limit"
    )
    procore_calls_per_hour: int = Field(
        600,
        ge=1,
        description="Calls an hour that passes are planned by, until an answer of Procore's says another number",
    )

    xero_client_id: str = Field("", description="Client id of the Xero custom connection")
    xero_client_secret: SecretStr = Field(SecretStr(""), description="Its client secret")
    xero_tenant_id: str = Field(
        "", description="Organisation id; blank: the custom connection's own, or the one that `connect` found"
    )
    xero_api_url: str = Field("https://api.xero.com/api.xro/2.0", description="Xero's accounting API")
    xero_token_url: str = Field("https://identity.xero.com/connect/token", description="Xero's token address")
    xero_web_url: str = Field("https://go.xero.com", description="Xero's pages, for links")
    xero_grant: Grant = Field(
        "client_credentials",
        description="How we log in: client_credentials (custom connection), or authorization_code (`connect xero`)",
    )
    xero_authorize_url: str = Field(
        "https://login.xero.com/identity/connect/authorize", description="Where a person lets the app into Xero"
    )
    xero_scopes: str = Field(
        "accounting.invoices accounting.payments accounting.contacts accounting.settings",
        description="Scopes that the token is asked for",
    )
    xero_calls_per_minute: int = Field(60, ge=0, description="Xero's minute limit; 0: none")
    xero_calls_per_day: int = Field(5000, ge=0, description="Xero's day limit (1000 on the free tier); 0: none")
    xero_calls_at_once: int = Field(5, ge=0, description="Xero's limit of calls at the same time; 0: none")
    xero_app_calls_per_minute: int = Field(
        10_000, ge=0, description="Xero's minute limit of one app over all its organisations; 0: none"
    )

    database_url: str = Field("sqlite:///procore-xero.db", repr=False, description="The ledger: SQLite or PostgreSQL")
    database_password: SecretStr = Field(
        SecretStr(""), description="Password of PostgreSQL, where DATABASE_URL names none"
    )
    redis_password: SecretStr = Field(SecretStr(""), description="Password of Redis, where REDIS_URL names none")
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        repr=False,
        description="The broker and the shared call budget; not set: the one that `procore-xero start` keeps, where it "
        "was used, else the default",
    )
    installation: str = Field(
        "procore-xero",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$",
        description="Name of this installation, of letters, digits, dots and dashes: its keys in Redis begin with it; "
        "two installations on one Redis database need two names",
    )
    mapping_file: Path = Field(Path("mapping.toml"), description="Accounts, tax types and bank accounts")

    state_dir: Path = Field(
        Path(), description="Folder that beat (when each entry ran) and Flower (what it has seen) write to"
    )
    flower_login: SecretStr = Field(
        SecretStr(""),
        description="Flower's login, user:password; blank: it shows itself on its own machine only, and starts no job",
    )

    flower_url: str = Field(
        "",
        description="Address at which people open Flower (https://flower.example.com); mails and the report lead to "
        "its pages of projects; blank: they lead to none",
        pattern=r"^(https?://[^\s/]+[^\s]*)?$",
    )

    token_key: SecretStr = Field(
        SecretStr(""), description="Key that logins of the grant authorization_code are encrypted with in the ledger"
    )
    token_key_old: SecretStr = Field(
        SecretStr(""), description="The key before it, while logins encrypted with it are still there"
    )
    connect_port: int = Field(
        8765, ge=1, le=65535, description="Port of the redirect address http://localhost:PORT/callback of `connect`"
    )

    listen_secret: SecretStr = Field(
        SecretStr(""),
        description="What Procore's webhook messages to `listen` must show (Authorization: Bearer SECRET), at least "
        "32 letters and digits",
    )
    listen_host: str = Field("127.0.0.1", description="Address that `listen` listens on, behind a proxy with TLS")
    listen_port: int = Field(8775, ge=1, le=65535, description="Its port")
    listen_wait_s: float = Field(
        20.0, ge=0, le=60, description="Seconds that `listen` gathers messages about a project before it starts its job"
    )

    eligible_stages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("Send to Xero",), description="Project stages that are synced, separated by commas"
    )
    sync_after_stage_change: bool = Field(
        True, description="Keep syncing a project that was begun and has left the stage (otherwise it pauses)"
    )
    worker_processes: int = Field(4, ge=1, description="Jobs that one worker runs at the same time")
    sync_every_minutes: float = Field(30.0, gt=0, description="Minutes between two passes")
    full_compare_every_hours: int = Field(24, ge=1, description="Hours between two readings of every record")
    read_lists: ReadLists = Field(
        "when_due",
        description="when_due: each list of a project when it is likely to have moved, within the hour's calls; "
        "every_pass: all of them in each pass, for up to 50 projects",
    )
    lists_every_hours: int = Field(
        2, ge=0, description="Hours between two readings of vendors and cost codes, which come whole; 0: in each pass"
    )
    watch_xero: bool = Field(
        True,
        description="Ask Xero in each pass what people voided, deleted or changed there (1 to 3 calls for each "
        "organisation); otherwise only while payments wait for a bill's approval",
    )
    share_requests_after_s: float = Field(
        600.0,
        ge=0,
        le=600,
        description="Seconds that a job of a pass waits at most with new bills and payments for a request shared with "
        "other projects, as long as some of them are still to be read; 0: each project sends its own",
    )
    history_days: int = Field(30, ge=1, description="Days that ended jobs and closed holds are kept for looking back")
    http_timeout_s: float = Field(
        60.0,
        gt=0,
        le=80,
        description="Seconds that a request may take as a whole, from its connection to the end of its answer",
    )
    longest_wait_s: float = Field(
        90.0, gt=0, description="Seconds a job waits for a call limit before it is parked or comes back"
    )
    lease_s: float = Field(
        300.0,
        gt=0,
        le=86_400,
        description="Seconds after which a lost worker's job, or a lost beat's turn, is taken over; a job at once "
        "where its worker is seen to be gone",
    )
    key_window_s: float = Field(360.0, gt=0, description="Seconds that Xero remembers an Idempotency-Key")

    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server of the reports: smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587 "
        "(STARTTLS); blank: no e-mail",
    )
    report_email_from: str = Field("", description="Sender of the reports")
    report_email_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Who gets the reports by e-mail, separated by commas"
    )
    report_webhook_url: SecretStr = Field(
        SecretStr(""), description="Address that the reports are posted to as JSON, such as a chat tool's webhook"
    )
    report_when: ReportWhen = Field(
        "changes",
        description="After which passes: changes (something changed, or a new problem), always, or never (alarms only)",
    )
    alarm_after_intervals: float = Field(
        4.0, gt=0, description="Intervals between two passes without a finished one, after which there is an alarm"
    )

    log_level: LogLevel = Field("INFO", description="From which level on is logged")
    log_format: LogFormat = Field(
        "auto", description="How: json, one object a line; console, for people; auto, console on a terminal"
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port on which a worker serves its metrics to Prometheus; 0: none"
    )
    metrics_host: str = Field("127.0.0.1", description="Address that it listens on for that; 0.0.0.0: all")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="Collector that OpenTelemetry's traces go to, like http://127.0.0.1:4318; blank: none"
    )

    @field_validator("eligible_stages", "report_email_to", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str, given: ValidationInfo) -> str:
        _read_redis(value, given.data.get("redis_password", SecretStr("")))
        return value

    @field_validator("state_dir")
    @classmethod
    def _is_folder(cls, value: Path) -> Path:
        if not value.is_dir():
            raise ValueError("make this folder first")
        return value

    @field_validator("flower_login")
    @classmethod
    def _is_login(cls, value: SecretStr) -> SecretStr:
        login = value.get_secret_value()
        user, _, password = login.partition(":")
        if login and not (user and password and login.isascii()):  # Flower answers 500 to a login beyond ASCII
            raise ValueError("write it as user:password, in ASCII")
        return value

    @field_validator("listen_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not (len(secret) >= 32 and secret.isascii() and secret.isalnum()):
            raise ValueError("make one of at least 32 letters and digits, as `openssl rand -hex 24` does")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr) -> SecretStr:
        """Whoever else parses it would quote a piece of the password."""
        url = value.get_secret_value()
        if url and not _is_address(url, "smtp", "smtps"):
            raise ValueError("write it as smtps://USER:PASSWORD@HOST:465, special characters as %XX")
        return value

    @field_validator("report_email_to")
    @classmethod
    def _has_mail_server(cls, value: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        """Half of what e-mail needs is a report that nobody gets."""
        server, sender = given.data.get("smtp_url"), given.data.get("report_email_from")
        if value and not (sender and server and server.get_secret_value()):
            raise ValueError("e-mail needs SMTP_URL and REPORT_EMAIL_FROM as well")
        if not all("@" in address for address in (*value, sender or "@")):
            raise ValueError("it, or REPORT_EMAIL_FROM, is no e-mail address")
        return value

    @field_validator("report_webhook_url")
    @classmethod
    def _is_web(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not _is_address(url, "http", "https"):
            raise ValueError("write it as https://HOST/PATH")
        return value

    @property
    def redis(self) -> Address:
        """The one reading of REDIS_URL; nobody else parses it."""
        if self.keeps_broker:
            return address.read(own.url(self.state_dir))
        return _read_redis(self.redis_url, self.redis_password)

    @property
    def names_broker(self) -> bool:
        """Whether REDIS_URL was given anywhere."""
        return "redis_url" in self.model_fields_set

    @property
    def keeps_broker(self) -> bool:
        """Whether the broker is the one of `procore-xero start`, which was used here and goes before the default."""
        return not self.names_broker and own.folder(self.state_dir).is_dir()

    @property
    def key_prefix(self) -> str:
        """What this installation's keys in Redis begin with."""
        return f"{self.installation}:"

    def require(self, *names: str) -> None:
        """Raise ConfigError naming every one of `names` that is not set."""
        missing = [name.upper() for name in names if not _is_set(getattr(self, name))]
        if missing:
            raise ConfigError(
                f"Not set: {', '.join(missing)}. Set them in the environment or in a file named .env "
                "(docs/setup.md says where they come from)."
            )


def _read_redis(url: str, password: SecretStr) -> Address:
    return address.read(url, password.get_secret_value())


def _is_address(url: str, *schemes: str) -> bool:
    """Whether it is an address of one of these kinds that names a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # its port is none
        return False


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


@cache
def settings() -> Settings:
    """The settings of this process, read once. Raises ConfigError in a sentence."""
    try:
        return Settings(_secrets_dir=_secrets_dir())
    except ValidationError as error:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"A setting is wrong: {wrong}.") from None


def _secrets_dir() -> str | None:
    """The folder of secrets, where there is one."""
    folder = os.environ.get("SECRETS_DIR", SECRETS_DIR)
    return folder if Path(folder).is_dir() else None
