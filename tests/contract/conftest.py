"""The worker in a world of its own, and the documents of others that what it sends and reads is held against."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.openapi import Contract, validator
from tests.integration.conftest import a_world, published

__all__ = ["a_world", "published"]


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Xero's own OpenAPI file."""
    return validator(_named("XERO_OPENAPI", "Xero's published xero_accounting.yaml"))


@pytest.fixture(scope="session")
def examples() -> Path:
    """Procore's own examples, one JSON file each."""
    return _named("PROCORE_EXAMPLES", "a folder of Procore's published examples")


def _named(variable: str, what: str) -> Path:
    """What is not ours to carry is looked for where the machine says."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{what} is not part of this project: name it in {variable}, and this test runs")
    return Path(path)
