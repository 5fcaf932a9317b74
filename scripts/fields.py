"""Write docs/security/fields.md from the classification of fields, so that the two cannot come to differ."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inslussning.models.classification import FIELDS, MEANINGS, FieldClass

PAGE = Path(__file__).resolve().parent.parent / "docs" / "security" / "fields.md"
HEAD = """# What every column holds

Written by `scripts/fields.py` from `inslussning/models/classification.py`; a test fails when they differ, and on a column without a class.
How sealing works: [decision 10](../decisions/0010-sealed-text-and-keys.md).
"""


def document() -> str:
    """Return the page."""
    lines = [HEAD, "| Class | What it holds |", "|---|---|"]
    lines += [f"| {kind.value} | {meaning} |" for kind, meaning in MEANINGS.items()]
    for kind in (FieldClass.IDENTITY, FieldClass.CASE, FieldClass.SECRET, *list(FieldClass)[:4]):
        lines += ["", f"## {kind.value.capitalize()}", "", "| Table | Columns |", "|---|---|"]
        for table, columns in sorted(FIELDS.items()):
            named = [f"`{name}`" for name, of in columns.items() if of is kind]
            if named:
                lines.append(f"| `{table}` | {', '.join(named)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(document(), encoding="utf-8")
