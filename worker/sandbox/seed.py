"""What the sandbox holds when it starts: reads a seed, refuses a wrong one and names the place.

A seed is one JSON object in the two APIs' own shapes. Missing lists are empty; unknown fields are kept.

    {"procore": {
        "credentials": {"client_id": "...", "client_secret": "..."},
        "companies": [..],                          rows of GET /rest/v1.0/companies
        "currency_configuration": {..},             GET /rest/v1.0/companies/{id}/currency_configuration
        "project_stages": [..],                     rows of .../project_stages
        "projects": [..],                           rows of GET /rest/v1.1/projects
        "vendors": [..],                            rows of GET /rest/v1.0/vendors
        "line_item_types": [..], "tax_codes": [..],
        "project_vendors": {"<project id>": [vendor ids]},
        "cost_codes": {"<project id>": [rows]},     and in the same way wbs_codes, work_order_contracts,
                                                    purchase_order_contracts, requisitions (with items),
                                                    contract_payments, direct_costs (with line_items)
        "company_base_url": {..},                   GET /rest/v1.0/company_base_url
        "forbidden_projects": [project ids],        everything below these projects answers 403
        "switches": {..}},                          tools that are off, hidden records, lists without pages
     "xero": {
        "credentials": {.., "scopes": "a b", "tier": "starter"}, "tenant_id": "guid", "organisation": {..},
        "accounts": [..], "tax_rates": [..], "tracking_categories": [.. with Options], "contacts": [..],
        "invoices": [..], "credit_notes": [..], "payments": [..], "items": [..],
        "batch_payments": [..], "prepayments": [..], "history": {"<document id>": [rows]},
        "currencies": [.. with the day's Rate], "switches": {..},
        "organisation_actions": [..],               rows of GET /Organisation/Actions; what is left out is allowed
        "more_organisations": [..]}}                books of other organisations, with tenant_id and all but credentials

Xero documents may leave out ids, totals and dates: they are computed as for a PUT.
`attachments` of Procore's rows hold the file as `text` or `base64`, or its `size`; those of Xero only describe it.
`switches` are described in `switches.py`; a running sandbox takes them at /_sandbox/switches.
What is demanded of a row stands in `seed_shape.py`: little, for showing the worker bad records is what a seed is for.
Amounts are strings, integers or Decimal; a float is refused, because it has already lost its cents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import simplejson
from pydantic import ValidationError

from worker.sandbox.seed_shape import Half, Seed

DEMO = Path(__file__).parent / "seeds" / "demo.json"


class SeedError(ValueError):
    """The seed is not valid; the message names the path inside it."""


def read_seed(seed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A checked private copy of the seed with missing lists filled in; None is the demo. Raises SeedError."""
    return read_seed_file(DEMO) if seed is None else _checked(seed)


def read_seed_file(path: Path) -> dict[str, Any]:
    """A seed file, checked. Raises SeedError."""
    try:
        loaded = simplejson.loads(path.read_text(encoding="utf-8"), use_decimal=True)
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(f"The seed file {path} cannot be read: {error}.") from error
    except simplejson.JSONDecodeError as error:
        raise SeedError(f"The seed file {path} is not JSON: {error}.") from error
    return _checked(loaded)


def _checked(seed: object) -> dict[str, Any]:
    for path in _floats(seed, ()):
        raise SeedError(f"Seed: {_dotted(path)} is a float; write amounts as a string or a Decimal.")
    try:
        checked = Seed.model_validate(seed)
    except ValidationError as error:
        first = error.errors()[0]
        raise SeedError(f"Seed: {_dotted(first['loc'])}: {first['msg'].removeprefix('Value error, ')}.") from error
    return {"procore": _filled(checked.procore), "xero": _filled(checked.xero)}


def _filled(half: Half) -> dict[str, Any]:
    """Every list of this half, and in every row only what was given: no row grows fields by being checked."""
    given = half.model_dump(exclude_unset=True)
    return {name: given.get(name, value) for name, value in half.model_dump().items()}


def _floats(value: object, path: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if isinstance(value, float):
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _floats(inner, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _floats(inner, (*path, number))


def _dotted(path: Sequence[int | str]) -> str:
    """`procore.requisitions.310417[2].id`: the place as a person would write it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.lstrip(".") or "the top level"
