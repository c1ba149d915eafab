"""The link in Flower's navigation."""

from __future__ import annotations

from pathlib import Path

import flower

from worker.flower.navigation import BAR, with_link


def test_the_link_is_the_last_of_flowers_own_list() -> None:
    """Flower's bar begins with the list of its pages: should a new Flower draw it otherwise, this tells."""
    bar = (Path(flower.__file__).parent / "templates" / BAR).read_bytes()
    links, rest = with_link(bar, "/projects", here=False).split(b"</ul>", 1)
    assert links.endswith(b'<li class="nav-item"><a class="nav-link" href="/projects">Projects</a></li>')
    assert b">Broker</a>" in links
    assert b"Select theme" in rest


def test_the_page_that_is_shown_is_marked() -> None:
    """For the eye, and for a screen reader."""
    link = b'<li class="nav-item"><a class="nav-link active" href="/projects" aria-current="page">Projects</a></li>'
    assert with_link(b"<ul></ul>", "/projects", here=True) == b"<ul>" + link + b"</ul>"


def test_a_bar_without_a_list_stays_as_it_is() -> None:
    """Flower's page is never spoilt for a link."""
    assert with_link(b"<nav></nav>", "/projects", here=True) == b"<nav></nav>"
