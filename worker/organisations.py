"""Several organisations of Xero for one company of Procore: which there are, and whether this app can reach them.

The mapping file names them and says which project goes where (`mapping.routing`). Nothing here calls Xero.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.errors import ConfigError
from worker.mapping import file
from worker.mapping.routing import Route
from worker.settings import Settings


def read_routes(settings: Settings) -> tuple[Route, ...]:
    """The organisations that the mapping file names; none where there is one. Raises ConfigError with what to do.

    A file that is not there yet names none: one logs in, and has the set-up looked at, before it is written.
    """
    if not settings.mapping_file.exists():
        return ()
    found = file.load(settings.mapping_file).organisations
    if len(found) > 1 and settings.xero_grant == "client_credentials":
        raise ConfigError(
            "The mapping file names several organisations of Xero, but a custom connection reaches only one: make a "
            "web app, set XERO_GRANT=authorization_code, and run `procore-xero connect xero`."
        )
    if found and settings.xero_tenant_id:
        raise ConfigError(
            "XERO_TENANT_ID is for one organisation, and the mapping file names its own under [[organisations]]: take "
            "XERO_TENANT_ID out of the settings."
        )
    return found


def named(routes: Sequence[Route], name: str) -> Route:
    """The organisation of this name. Raises ConfigError when the mapping file has none, or has several and no name."""
    found = next((route for route in routes if route.name == name), None)
    if found is None:
        said = f"has no organisation named '{name}' any more" if name else "names several organisations"
        raise ConfigError(f"The mapping file {said}, so it is not clear where to send it; the next pass looks again.")
    return found
