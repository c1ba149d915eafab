"""The worker in a world of its own, for what it sends to be held against documents that are not ours."""

from tests.integration.conftest import a_world, published

__all__ = ["a_world", "published"]
