"""Files of claims and direct costs: where their addresses stand, and what it takes to download one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.unit.sandbox.procore import Procore, a_project, a_seed
from worker.sandbox.limits import Limits
from worker.sandbox.seed import SeedError, read_seed

PDF: dict[str, Any] = {"id": 71, "filename": "Claim 3.pdf", "content_type": "application/pdf", "text": "%PDF-1.4 claim"}
CLAIMS, COSTS = "v1.1/requisitions", "v1.1/projects/1/direct_costs"


def with_file(attachment: dict[str, Any] = PDF, limits: Limits | None = None) -> Procore:
    """A claim 5 and a direct cost 6 with this file each."""
    rows = {
        "requisitions": {"1": [{"id": 5, "attachments": [attachment]}]},
        "direct_costs": {"1": [{"id": 6, "attachments": [{**attachment, "id": 72}]}]},
    }
    return Procore(a_seed(projects=[a_project(1)], **rows), limits)


def the_file(procore: Procore) -> dict[str, Any]:
    """The claim's one attachment."""
    (attachment,) = procore.row(f"{CLAIMS}/5", project_id=1)["attachments"]
    assert isinstance(attachment, dict)
    return attachment


def signed(procore: Procore) -> str:
    """Where the storage sends on to."""
    answer = procore.http.get(the_file(procore)["url"])
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def plain(procore: Procore, url: str, **headers: str) -> httpx.Response:
    """A request that carries nothing but these headers."""
    with httpx.Client(transport=httpx.WSGITransport(app=procore.half.app), headers=headers) as http:
        return http.get(url)


def downloaded(**content: Any) -> httpx.Response:
    """The answer for a file with this content in the seed."""
    procore = with_file({"id": 71, "filename": "x.pdf", **content})
    return plain(procore, signed(procore))


def journal(procore: Procore) -> list[dict[str, Any]]:
    return list(procore.http.get("/_sandbox/journal").json()["entries"])


@pytest.mark.parametrize("view", [{}, {"view": "extended"}])
def test_claims_show_their_files(view: dict[str, str]) -> None:
    """List and show have id, address, name and kind of each file, and nothing of its content."""
    procore = with_file()
    shown = the_file(procore)
    assert set(shown) == {"id", "url", "filename", "content_type"}
    (listed,) = procore.rows(CLAIMS, project_id=1, **view)
    assert listed["attachments"] == [shown]


def test_direct_costs_show_their_files_only_when_shown() -> None:
    """The list has neither files nor their number; the show has both, without the kind of file."""
    procore = with_file()
    (listed,) = procore.rows(COSTS)
    assert not {"attachments", "attachments_count"} & set(listed)
    shown = procore.row(f"{COSTS}/6")
    assert shown["attachments_count"] == 1
    assert set(shown["attachments"][0]) == {"id", "url", "filename"}


def test_download_goes_over_two_other_origins() -> None:
    """With the token to the storage, without it to the signed address: both lie elsewhere than the API."""
    procore = with_file()
    first, second = the_file(procore)["url"], signed(procore)
    assert len({urlsplit(url).netloc for url in (str(procore.http.base_url), first, second)}) == 3
    answer = plain(procore, second)
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.4 claim")
    assert answer.headers["content-type"] == "application/pdf"


def test_file_of_a_direct_cost_downloads_the_same_way() -> None:
    """A file whose kind is not given is octets."""
    procore = with_file({"id": 71, "filename": "x", "text": "x"})
    (attachment,) = procore.row(f"{COSTS}/6")["attachments"]
    answer = plain(procore, procore.http.get(attachment["url"]).headers["Location"])
    assert (answer.text, answer.headers["content-type"]) == ("x", "binary/octet-stream")


def test_storage_wants_a_good_token() -> None:
    """No token, an unknown one and an expired one are a 401; the company need not be named."""
    procore = with_file()
    url = the_file(procore)["url"]
    good = procore.http.headers["Authorization"]
    assert plain(procore, url).status_code == 401
    assert plain(procore, url, Authorization="Bearer stolen").status_code == 401
    assert plain(procore, url, Authorization=good).status_code == 302
    procore.clock.advance(5401)
    assert plain(procore, url, Authorization=good).status_code == 401


@pytest.mark.parametrize("name", ["Authorization", "Procore-Company-Id"])
def test_signed_address_refuses_what_identifies_us(name: str) -> None:
    """A client that passes its token or company on to the other origin is caught."""
    procore = with_file()
    answer = plain(procore, signed(procore), **{name: procore.http.headers[name]})
    assert (answer.status_code, "InvalidArgument" in answer.text) == (400, True)


def test_signed_address_lives_a_minute() -> None:
    """After 60 seconds it is a 403 in XML; the storage gives a new one."""
    procore = with_file()
    url = signed(procore)
    procore.clock.advance(50)
    assert plain(procore, url).status_code == 200
    procore.clock.advance(10)
    late = plain(procore, url)
    assert (late.status_code, late.headers["content-type"]) == (403, "application/xml")
    assert "Request has expired" in late.text
    assert plain(procore, signed(procore)).status_code == 200


def test_signature_cannot_be_made_up() -> None:
    """Another file or another end under the same signature is a 403."""
    procore = with_file()
    url = signed(procore)
    other_file = url.replace("requisitions/1/5/71", "direct_costs/1/6/72")
    for wrong in (other_file, url.replace("Expires=", "Expires=9"), url.split("?")[0]):
        answer = plain(procore, wrong)
        assert (answer.status_code, "SignatureDoesNotMatch" in answer.text) == (403, True)


def test_downloads_are_not_counted_but_journalled() -> None:
    """Storage and signed address work while the API's limit is used up, and stand in the journal."""
    procore = with_file(limits=Limits(procore_per_hour=1))
    url = the_file(procore)["url"]
    assert procore.get(CLAIMS, project_id=1).status_code == 429
    sent_on = procore.http.get(url)
    answer = plain(procore, sent_on.headers["Location"])
    assert (sent_on.status_code, answer.status_code) == (302, 200)
    assert "X-Rate-Limit-Remaining" not in sent_on.headers
    entries = journal(procore)[-2:]
    assert [entry["path"].split("/")[1] for entry in entries] == ["storage", "presigned"]
    assert entries[1]["response_bytes"] == len(PDF["text"])


@pytest.mark.parametrize("path", ["^/storage/", "^/presigned/"])
def test_faults_reach_downloads(path: str) -> None:
    """What is scripted for these addresses happens to them, and not to the API."""
    procore = with_file()
    procore.script(kind="status", path=path, status=503)
    sent_on = procore.http.get(the_file(procore)["url"])
    broken = sent_on if path == "^/storage/" else plain(procore, sent_on.headers["Location"])
    assert broken.status_code == 503
    assert plain(procore, signed(procore)).status_code == 200


@pytest.mark.parametrize(
    ("given", "content"),
    [
        ({"text": "grüße"}, "grüße".encode()),
        ({"base64": "JVBERg=="}, b"%PDF"),
        ({"size": 0}, b""),
    ],
)
def test_seed_gives_the_content(given: dict[str, Any], content: bytes) -> None:
    """As text or as base64; and a size may be too small for a PDF."""
    assert downloaded(**given).content == content


def test_seed_may_only_say_how_large_a_file_is() -> None:
    """It is then a PDF of exactly so many bytes."""
    content = downloaded(size=10_000_001).content
    assert (len(content), content[:5]) == (10_000_001, b"%PDF-")


def test_file_without_content_is_gone() -> None:
    """The storage still sends on, and there is nothing there."""
    answer = downloaded()
    assert (answer.status_code, "NoSuchKey" in answer.text) == (404, True)


def test_file_that_was_taken_away_is_unknown() -> None:
    """An edited claim has the files it has now."""
    procore = with_file()
    url, later = the_file(procore)["url"], signed(procore)
    procore.edit("requisitions", 1, 5, attachments=[])
    assert procore.http.get(url).status_code == 404
    assert plain(procore, later).status_code == 404


def test_address_of_the_seed_wins() -> None:
    """A seed may send the worker somewhere else."""
    procore = with_file({**PDF, "url": "http://elsewhere.invalid/1"})
    assert the_file(procore)["url"] == "http://elsewhere.invalid/1"


@pytest.mark.parametrize(
    ("attachment", "place"),
    [({"filename": "x"}, "attachments[0].id"), ({"id": 1, "base64": "%"}, "attachments[0].base64")],
)
def test_unusable_file_in_a_seed_is_refused(attachment: dict[str, Any], place: str) -> None:
    """A file needs its id, and base64 must be base64."""
    seed = a_seed(projects=[a_project(1)], requisitions={"1": [{"id": 5, "attachments": [attachment]}]})
    with pytest.raises(SeedError) as caught:
        read_seed(seed)
    assert place in str(caught.value)


def test_dump_keeps_the_files() -> None:
    """A dump is a seed again, files included."""
    dump = with_file().half.dump()
    assert Procore({"procore": dump}).half.dump() == dump
    assert dump["requisitions"]["1"][0]["attachments"] == [PDF]
