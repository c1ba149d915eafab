"""Downloads from Procore's storage: an address there wants our token, and redirects to one that must not see it.

The address that is redirected to belongs to somebody else, names a signature that opens the file for a minute, and
refuses a second way of identifying (procore-api.md §4.11). So redirects are followed by hand: token and company go to
Procore's own hosts only and to no other origin than the first, and no address is ever logged or quoted in an error.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import httpx
import structlog

from worker import stopping
from worker.errors import ApiUnavailable, MissingReference
from worker.holds import HoldCode
from worker.http.auth import ClientCredentials
from worker.http.wire import client
from worker.procore.client import token_address
from worker.settings import Settings

#: A file's content by its address, cut off after one byte more than so many.
Fetch = Callable[[str, int], bytes]
MOST_HOPS = 5
#: Statuses of a storage that will answer otherwise later.
_PASSING = (408, 425, 429)

log = structlog.get_logger(__name__)


def connect(settings: Settings, transport: httpx.BaseTransport | None = None, login: httpx.Auth | None = None) -> Files:
    """Downloads; without a person's `login` on behalf of the app. Raises ConfigError when credentials are missing."""
    settings.require("procore_client_id", "procore_client_secret", "procore_company_id")
    return Files(
        settings.procore_api_url,
        auth=login or ClientCredentials(token_address(settings)),
        company_id=settings.procore_company_id,
        timeout_s=settings.http_timeout_s,
        transport=transport,
    )


class Files:
    """The files behind attachments. One call per hop; nothing is tried again here."""

    def __init__(
        self,
        api_url: str,
        *,
        auth: httpx.Auth,
        company_id: int,
        timeout_s: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._api = httpx.URL(api_url)
        self._auth = auth
        self._company_id = company_id
        self._http = client(timeout_s, transport, asked=lambda _: stopping.check())

    def fetch(self, url: str, most_bytes: int) -> bytes:
        """The file's content, cut off after one byte more than `most_bytes`: that one says that it is larger.

        Raises MissingReference when the storage refuses it, ApiUnavailable when it does not answer now.
        """
        try:
            return self._fetched(httpx.URL(url), most_bytes)
        except httpx.InvalidURL:
            raise _refused("its address cannot be read") from None
        except httpx.DecodingError:
            raise _refused("it is packed in a way that nobody asked for, and cannot be unpacked") from None
        except httpx.RequestError as error:
            raise ApiUnavailable(f"Procore's storage gave no answer ({type(error).__name__}).") from None

    def _fetched(self, first: httpx.URL, most_bytes: int) -> bytes:
        here, is_ours = first, self._is_procore(first)
        for _ in range(MOST_HOPS):
            if here.scheme not in ("https", self._api.scheme):
                raise _refused("its address is not encrypted")
            response = self._asked(here, is_ours and _origin(here) == _origin(first))
            try:
                log.debug("file", host=here.host, status=response.status_code)
                if not response.has_redirect_location:
                    return _content(response, most_bytes)
            finally:
                response.close()
            here = here.join(response.headers["Location"])
        raise _refused("it is redirected again and again")

    def _asked(self, url: httpx.URL, as_us: bool) -> httpx.Response:
        """The request is made without the client, which would add what it remembers of earlier ones."""
        if not as_us:
            return self._http.send(httpx.Request("GET", url), auth=None, stream=True)
        request = httpx.Request("GET", url, headers={"Procore-Company-Id": str(self._company_id)})
        return self._http.send(request, auth=self._auth, stream=True)

    def _is_procore(self, url: httpx.URL) -> bool:
        domain = _domain(self._api.host)
        return url.host == domain or url.host.endswith(f".{domain}")


def _domain(host: str) -> str:
    """To whom a host belongs: `procore.com` of `api.procore.com`; an address in numbers is itself."""
    try:
        ip_address(host)
    except ValueError:
        parts = host.split(".")
        return ".".join(parts[1:]) if len(parts) > 2 else host
    return host


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _content(response: httpx.Response, most_bytes: int) -> bytes:
    status = response.status_code
    if status >= 500 or status in _PASSING:
        raise ApiUnavailable(f"Procore's storage answers {status}.")
    if status != 200:
        raise _refused(f"its storage answers {status}")
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > most_bytes:
            break
    return bytes(content[: most_bytes + 1])


def _refused(why: str) -> MissingReference:
    return MissingReference(HoldCode.ATTACHMENT_NOT_GIVEN, why=why)
