"""A Procore and a Xero to run the worker against without credentials.

Both keep state and follow the APIs' documented rules, in the stricter reading where they are unclear. The
package imports nothing of the product and is reached only over HTTP or WSGI: it exists to catch the worker's
mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from worker.sandbox import procore as procore_half
from worker.sandbox import xero as xero_half
from worker.sandbox.clock import Clock
from worker.sandbox.limits import Limits, LimitsInForce
from worker.sandbox.page import ADDRESS, add_page
from worker.sandbox.seed import SeedError, read_seed
from worker.sandbox.server import Served

__all__ = ["ADDRESS", "Clock", "Limits", "Sandbox", "SeedError", "Served"]


class Sandbox:
    """Both APIs over one seed and one clock."""

    def __init__(
        self,
        seed: Mapping[str, Any] | None = None,
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`seed` None is the built-in demo seed; raises SeedError when it is not valid."""
        halves = read_seed(seed)
        clock = clock or Clock()
        in_force = LimitsInForce(limits)
        self._procore = procore_half.build(halves["procore"], clock=clock, limits=in_force)
        self._xero = xero_half.build(halves["xero"], clock=clock, limits=in_force)
        add_page(self._procore.app, self._xero.app)

    @property
    def procore(self) -> Flask:
        """Procore as a WSGI app."""
        return self._procore.app

    @property
    def xero(self) -> Flask:
        """Xero as a WSGI app."""
        return self._xero.app

    def serve(self, procore_port: int = 0, xero_port: int = 0, host: str = "127.0.0.1") -> Served:
        """Start both as HTTP servers, port 0 being any free one. Their control interface asks for no login."""
        return Served(self.procore, self.xero, procore_port, xero_port, host)

    def dump(self) -> dict[str, Any]:
        """Both states in the seed's own shape, so that a dump can be loaded as a seed again."""
        return {"procore": self._procore.dump(), "xero": self._xero.dump()}
