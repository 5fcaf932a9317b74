"""Makes one SVG sprite out of the icon files of an unpacked icon package.

A page shows an icon with `<use href="…#calendar">`: one cached file instead of a request or a copy of the drawing per
icon, and nothing that the content-security policy has to make room for. The stroke follows the text's colour.
"""

import re
from pathlib import Path

_DRAWING = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
_SHAPES_ONLY = re.compile(r"(?:<(?:path|rect|circle|line|polyline|polygon|ellipse)(?: [a-z0-9-]+=\"[^\"<>&]*\")+ ?/>)+")
_SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
)


def sprite(folder: Path, names: list[str]) -> bytes:
    """Return the sprite with one symbol per name; ValueError for a drawing with anything in it but plain shapes."""
    symbols = "\n".join(_symbol(folder / f"{name}.svg") for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'.encode()


def _symbol(path: Path) -> str:
    drawing = _DRAWING.search(path.read_text(encoding="utf-8"))
    shapes = re.sub(r"\s*\n\s*", "", drawing.group(1)) if drawing else ""
    if not _SHAPES_ONLY.fullmatch(shapes):
        raise ValueError(f"{path.name} holds something else than plain shapes")
    return _SYMBOL.format(name=path.stem, shapes=shapes)
