"""Settings: from the environment, typed, and wrong ones in one sentence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.broker.address import Address
from worker.errors import ConfigError
from worker.ledger.database import open_engine
from worker.reports.channels import channels
from worker.settings import Settings, settings


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_defaults_need_no_environment() -> None:
    """A machine with nothing set has settings, and the sandbox can run on them."""
    assert settings().database_url == "sqlite:///procore-xero.db"
    assert settings().eligible_stages == ("Send to Xero",)


def test_stages_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several stages are written as one would write them; blanks between commas are none."""
    monkeypatch.setenv("ELIGIBLE_STAGES", "Send to Xero, Defects ,,")
    assert settings().eligible_stages == ("Send to Xero", "Defects")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wrong setting is named in one sentence, by its name in the environment."""
    monkeypatch.setenv("PROCORE_COMPANY_ID", "acme")
    monkeypatch.setenv("SYNC_EVERY_MINUTES", "0")
    with pytest.raises(ConfigError, match=r"PROCORE_COMPANY_ID: .*SYNC_EVERY_MINUTES: "):
        settings()


def test_what_is_missing_is_named_at_once() -> None:
    """All missing settings are named together, with where to set them."""
    with pytest.raises(ConfigError, match=r"Not set: XERO_CLIENT_ID, XERO_CLIENT_SECRET\. .*docs/setup.md"):
        Settings().require("xero_client_id", "xero_client_secret", "database_url")


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings can be printed and can fail to be read without giving a secret away."""
    monkeypatch.setenv("XERO_CLIENT_SECRET", "s3cret-of-the-app")
    assert "s3cret-of-the-app" not in repr(Settings()) + str(Settings()) + Settings().model_dump_json()
    monkeypatch.setenv("PROCORE_COMPANY_ID", "acme")
    with pytest.raises(ConfigError) as wrong:
        settings()
    assert "s3cret-of-the-app" not in str(wrong.value)


@pytest.mark.parametrize(
    "url", ["redis://:pa/ss@host", "redis://:pass@host:pa", "localhost", "http://:pass@host", "redis://["]
)
def test_a_broker_address_that_cannot_be_read_is_not_quoted(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A password that was not escaped ends up where the port should be."""
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ConfigError, match="REDIS_URL: ") as wrong:
        settings()
    assert not any(piece in str(wrong.value) for piece in ("'pa'", "pa/ss", ":pass@"))


def test_the_folder_of_beat_and_flower_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither makes it, and what each says of a folder that is missing is no sentence."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    assert settings().state_dir == tmp_path
    settings.cache_clear()
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"STATE_DIR: .*make this folder first"):
        settings()


def test_addresses_with_passwords_do_not_show() -> None:
    """A ledger's and a broker's address hold their passwords."""
    made = Settings(database_url="postgresql://u:s3cret@host/db", redis_url="redis://:s3cret@host")
    assert "s3cret" not in repr(made) + str(made)


def test_every_setting_says_what_it_is() -> None:
    """docs/settings.md is made of these descriptions."""
    assert all(field.description for field in Settings.model_fields.values())


def test_a_secret_is_a_file_where_the_engine_mounts_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret need not stand in the environment, which every process of the container can read."""
    (tmp_path / "xero_client_secret").write_text("from-the-file\n")
    (tmp_path / "database_password").write_text("p@ss:word/1\n")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    assert settings().xero_client_secret.get_secret_value() == "from-the-file"
    assert settings().database_password.get_secret_value() == "p@ss:word/1"


def test_without_a_folder_of_secrets_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without container engine has no such folder, and needs none."""
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "none"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert settings().xero_client_secret.get_secret_value() == ""


def test_the_password_of_the_database_goes_into_an_address_without_one() -> None:
    """One that stands in DATABASE_URL is kept; SQLite has none."""
    assert open_engine("postgresql://worker@db/ledger", "p@ss:word/1").url.password == "p@ss:word/1"
    assert open_engine("postgresql://worker:own@db/ledger", "other").url.password == "own"
    assert open_engine("sqlite://", "other").url.password is None


def test_the_password_of_redis_goes_with_an_address_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stands in REDIS_URL is kept; neither is shown."""
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss:w/%1")
    assert settings().redis == Address("127.0.0.1", 6379, 0, password="p@ss:w/%1")
    assert "p@ss" not in repr(settings())
    settings.cache_clear()
    monkeypatch.setenv("REDIS_URL", "redis://:own@redis:6379/0")
    assert settings().redis.password == "own"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"REPORT_EMAIL_TO": "books@example.com"}, "REPORT_EMAIL_TO: .*needs SMTP_URL and REPORT_EMAIL_FROM"),
        (
            {"REPORT_EMAIL_TO": "books", "REPORT_EMAIL_FROM": "a@example.com", "SMTP_URL": "smtp://host"},
            "REPORT_EMAIL_TO: .*no e-mail address",
        ),
        ({"SMTP_URL": "mail.example.com:25"}, "SMTP_URL: .*write it as smtps://USER:PASSWORD@HOST"),
        ({"SMTP_URL": "smtps://user:s3cret/x@host:46"}, "SMTP_URL: "),
        ({"SMTP_URL": "smtp://:25"}, "SMTP_URL: "),
        ({"REPORT_WEBHOOK_URL": "hooks.example.com/s3cret"}, "REPORT_WEBHOOK_URL: .*https://HOST/PATH"),
        ({"REPORT_WHEN": "sometimes"}, "REPORT_WHEN: "),
    ],
)
def test_a_report_that_nobody_would_get_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    """Said when a process starts and not at the first report; no piece of a password or of a webhook is quoted."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=said) as wrong:
        settings()
    assert "s3cret" not in str(wrong.value)


def test_people_are_told_by_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each channel is there with its settings, and none without."""
    assert channels(settings()) == {}
    settings.cache_clear()
    monkeypatch.setenv("SMTP_URL", "smtps://user:p%40ss@mail.example.com:465")
    monkeypatch.setenv("REPORT_EMAIL_FROM", "Sync <sync@example.com>")
    monkeypatch.setenv("REPORT_EMAIL_TO", "books@example.com, boss@example.com")
    monkeypatch.setenv("REPORT_WEBHOOK_URL", "https://hooks.example.com/s3cret")
    assert set(channels(settings())) == {"email", "webhook"}
    assert "s3cret" not in repr(settings())
