"""The ordinary mapping file with some of its sections said otherwise."""

from __future__ import annotations

from tests.integration.world import MAPPING, World


def ruled(world: World, **replaced: str) -> World:
    """The world with some sections of its mapping file said otherwise."""
    text = MAPPING
    for section, lines in replaced.items():
        head = f"[{section}]\n"
        before, _, rest = text.partition(head)
        after = rest[rest.find("\n[") + 1 :] if "\n[" in rest else ""
        text = f"{before}{head}{lines}\n{after if _ else ''}"
    world.mapping_file.write_text(text)
    return world
