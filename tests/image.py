"""worker/Dockerfile as far as tests need it: its stages, and what the worker's image is without."""

from __future__ import annotations

import re

from tests.compose import ROOT

DOCKERFILE = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")


def stages() -> dict[str, tuple[str, str]]:
    """By name: what each stands on, and its lines."""
    found = re.findall(r"^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)
    return {name: (base, lines) for base, name, lines in found}


def left_out() -> list[str]:
    """Files and folders of the demo, which are taken out before the worker's image is made."""
    removed = re.search(r"^RUN rm -r (.*?) *(?:\\\n *)?&&", stages()["build-app"][1], re.MULTILINE | re.DOTALL)
    assert removed is not None
    return removed[1].replace("\\\n", " ").split()
