"""Builds our own theme for Designsystemet: design/theme.config.json in, one CSS file with light and dark out.

The generator is an npm program with many dependencies, so it is installed from the lock file in design/ into a folder
that is thrown away afterwards, and no install script of any package is run.
"""

import json
import shutil
import subprocess
from pathlib import Path

_TOOL = "@digdir/designsystemet"


def theme(npm: str, config: Path, version: str, work: Path) -> bytes:
    """Return the theme's CSS; ValueError if `version` of the generator is not the one that design/package.json pins."""
    pinned = json.loads((config.parent / "package.json").read_text(encoding="utf-8"))["dependencies"][_TOOL]
    if pinned != version:
        raise ValueError(f"the manifest says {_TOOL} {version}, design/package.json says {pinned}")
    for name in ("package.json", "package-lock.json", config.name):
        shutil.copy(config.parent / name, work / name)
    _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=work)
    tool = str(work / "node_modules" / ".bin" / "designsystemet")
    _run(tool, "tokens", "create", "--config", config.name, cwd=work)
    _run(tool, "tokens", "build", "--config", config.name, "--tokens", "design-tokens", "--out-dir", "built", cwd=work)
    (name,) = json.loads(config.read_text(encoding="utf-8"))["themes"]
    return (work / "built" / f"{name}.css").read_bytes()


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - no word of it comes from outside
