"""A sandbox's addresses, made in a moment: those of a process's sandboxes are the same, and are compiled once; what is
asked of them is, too, and is taken apart once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from httpx import _urlparse, _urls
from werkzeug.routing import Rule

#: What werkzeug makes of an address, by how it is written.
_compiled: dict[str, dict[str, Any]] = {}
_compile = Rule.compile
_MADE = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")


@contextmanager
def compiled_once() -> Iterator[None]:
    """Wherever one is made. How addresses are built is left out: nobody builds one."""
    with (
        patch.object(Rule, "compile", _once),
        patch.object(Rule, "_compile_builder", lambda *_: lambda *_: None),
        patch.object(_urls, "urlparse", lru_cache(4096)(_urlparse.urlparse)),
    ):
        yield


def _once(rule: Rule) -> None:
    if rule.rule not in _compiled:
        _compile(rule)
        _compiled[rule.rule] = {name: getattr(rule, name) for name in _MADE}
    vars(rule).update(_compiled[rule.rule])
