"""A Flower that lets in people whom nobody let in is not started."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import flower.urls
import pytest
from tornado.options import options

from worker.errors import ConfigError
from worker.flower.doors import TRANSFORMS
from worker.flower.reach import require_closed


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our configuration file was executed."""
    monkeypatch.setitem(flower.urls.settings, "transforms", TRANSFORMS)
    monkeypatch.delenv("FLOWER_UNAUTHENTICATED_API", raising=False)


def _options(**chosen: Any) -> SimpleNamespace:
    """Flower's options, whether they stood in its file, its environment or on its command line."""
    return SimpleNamespace(**{**options.as_dict(), "basic_auth": [], "auth": "", "address": "", **chosen})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_without_a_login_it_is_for_this_machine(address: str) -> None:
    """Each of its own addresses is allowed."""
    require_closed(_options(address=address))


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.0.2.7", "no-such-host.invalid"])  # noqa: S104
def test_without_a_login_no_other_address_is_listened_on(address: str) -> None:
    """Blank is all of them; the sentence names the setting."""
    with pytest.raises(ConfigError, match="FLOWER_LOGIN"):
        require_closed(_options(address=address))


def test_a_unix_socket_is_on_this_machine() -> None:
    """It has no address."""
    require_closed(_options(unix_socket="/run/flower"))


@pytest.mark.parametrize("login", [{"basic_auth": ["operator:secret"]}, {"auth": ".*@example.com"}])
def test_with_a_login_it_may_be_reached(login: dict[str, Any]) -> None:
    """FLOWER_LOGIN, or a login with a provider."""
    require_closed(_options(address="0.0.0.0", **login))  # noqa: S104 - what is asked


@pytest.mark.parametrize("login", ["", ":", "operator", "operator:", ":secret"])
def test_a_blank_login_is_none(login: str) -> None:
    """`--basic_auth=` would let in whoever sends a blank one."""
    with pytest.raises(ConfigError, match="user:password"):
        require_closed(_options(basic_auth=[login]))


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_the_api_is_not_opened_to_every_page(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """On loopback, too: a browser on this machine shows pages of others."""
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", value)
    with pytest.raises(ConfigError, match="FLOWER_UNAUTHENTICATED_API"):
        require_closed(_options(address="127.0.0.1"))


def test_a_flower_without_our_configuration_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock Flower knows neither FLOWER_LOGIN nor our doors."""
    monkeypatch.delitem(flower.urls.settings, "transforms")
    with pytest.raises(ConfigError, match=r"--conf=.*worker/flower/flowerconfig\.py"):
        require_closed(_options(address="127.0.0.1", basic_auth=["operator:secret"]))
