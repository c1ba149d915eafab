"""Holds bodies and answers against an OpenAPI 3.0 file, so that Xero's own file judges both sides.

Reusable by any test: `validator(path)` and its checks. It knows nothing of the sandbox or the worker.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

Schema = Mapping[str, Any]
_JSON = "application/json"
_FILE = "application/octet-stream"


class Contract:
    """One OpenAPI file."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        resource = DRAFT4.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource("urn:openapi", resource)
        # Literal addresses come before templated ones: /Organisation/Actions is not an {OrganisationID}.
        paths = sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
        self._paths = [(_pattern(template), template, item) for template, item in paths]

    def check_request(self, method: str, path: str, body: object) -> None:
        """Raises AssertionError when a body is not what the file says, or holds a field that it does not know."""
        operation = self._operation(method, path)
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        assert _JSON in content, f"{method} {path} takes no JSON body"
        schema = content[_JSON]["schema"]
        self._check(f"request {method} {path}", schema, body)
        unknown = list(self._unknown_fields(schema, body, ""))
        assert not unknown, f"request {method} {path}: the file does not know {', '.join(unknown)}"

    def check_call(self, method: str, path: str, query: Iterable[str], headers: Iterable[str]) -> None:
        """Raises AssertionError for an address, a query parameter or a header of ours that the file does not have."""
        operation = self._operation(method, path)
        known = {(one["in"], one["name"].lower()) for one in map(self._resolved, operation.get("parameters", []))}
        used = {*(("query", name.lower()) for name in query), *(("header", name.lower()) for name in headers)}
        assert used <= known, f"{method} {path}: the file does not know {sorted(used - known)}"

    def takes_a_file(self, method: str, path: str) -> bool:
        """Whether the body is no JSON, but the bytes of a file."""
        content = self._resolved(self._operation(method, path).get("requestBody", {})).get("content", {})
        return set(content) == {_FILE}

    def check_response(self, method: str, path: str, status: int, body: object) -> None:
        """Raises AssertionError when an answer is not what the file says for this address and status."""
        responses = self._operation(method, path)["responses"]
        assert str(status) in responses, f"{method} {path}: the file has no answer {status}"
        content = self._resolved(responses[str(status)]).get("content", {})
        assert _JSON in content, f"{method} {path} {status}: the file has no JSON answer"
        self._check(f"answer {method} {path} {status}", content[_JSON]["schema"], body)

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        path = path.split("?")[0].removeprefix("/api.xro/2.0")
        for pattern, _, item in self._paths:
            if pattern.fullmatch(path) and method.lower() in item:
                operation: Mapping[str, Any] = item[method.lower()]
                return operation
        raise AssertionError(f"the file has no {method} {path}")

    def _check(self, what: str, schema: Schema, body: object) -> None:
        validator = OAS30Validator(_absolute(schema), registry=self._registry)
        found = [f"{_place(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(body)]
        assert not found, f"{what}\n  " + "\n  ".join(found)

    def _unknown_fields(self, schema: Schema, body: object, place: str) -> list[str]:
        schema = self._resolved(schema)
        if isinstance(body, list):
            items = schema.get("items", {})
            return [name for n, item in enumerate(body) for name in self._unknown_fields(items, item, f"{place}[{n}]")]
        properties = schema.get("properties")
        if not isinstance(body, dict) or not properties:
            return []
        unknown = [f"{place}.{name}".lstrip(".") for name in body if name not in properties]
        for name, value in body.items():
            unknown += self._unknown_fields(properties.get(name, {}), value, f"{place}.{name}")
        return unknown

    def _resolved(self, node: Schema) -> Schema:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node


@functools.lru_cache(maxsize=2)
def validator(path: Path) -> Contract:
    """The contract in an OpenAPI file; read once per test run, because Xero's has 900 kB."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Contract(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506  # a safe loader


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _absolute(schema: Schema) -> Any:
    """References inside the one schema that stands outside its document must name the document."""
    if isinstance(schema, dict):
        return {
            key: f"urn:openapi{value}" if key == "$ref" and str(value).startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


def _place(path: Any) -> str:
    return "/".join(map(str, path)) or "body"
