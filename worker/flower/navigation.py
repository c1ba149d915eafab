"""A link to our page in Flower's own navigation, on every page, and no copy of a template of Flower's.

Flower's navigation bar has no place for a link and no block to fill, so a template cannot extend it. Every page of
Flower draws it by Tornado's `Template` module, though, and Tornado documents that an application names its modules
(setting `ui_modules`). Ours is the same module and adds one line to what the bar's template gives.
"""

from __future__ import annotations

from typing import Any

from tornado.escape import xhtml_escape
from tornado.web import TemplateModule

BAR = "navbar.html"
#: The name by which our page says that it is the one shown, as Flower's pages do.
TAB = "projects"


class Navigation(TemplateModule):
    """Draws a template, as Tornado's own module does, and adds our link to the navigation bar."""

    def render(self, path: str, **names: Any) -> bytes:
        drawn = super().render(path, **names)
        if path != BAR:
            return drawn
        here = names.get("active_tab") == TAB
        address = xhtml_escape(self.handler.reverse_url(TAB))
        return with_link(drawn, address, here)


def with_link(bar: bytes, address: str, here: bool) -> bytes:
    """The bar with our link at the end of its first list; as it is when it has no list."""
    marked = ("nav-link active", ' aria-current="page"') if here else ("nav-link", "")
    link = f'<li class="nav-item"><a class="{marked[0]}" href="{address}"{marked[1]}>Projects</a></li>'
    return bar.replace(b"</ul>", link.encode() + b"</ul>", 1)
