"""Fetches the front-end files that live in the repository, so that a clone runs without a JavaScript toolchain.

static/vendor/manifest.toml names every file, the npm package and version it comes from, and the SHA-256 it must have.
`vendor.py` makes them all again from the packages and writes nothing unless every file is the expected one;
`vendor.py --check` only compares what is there, without network.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from vendor_icons import sprite
from vendor_theme import theme

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.toml"


@dataclass(frozen=True)
class VendoredFile:
    """One file of the repository and what it is made from: a path in its package or, for the theme, our own."""

    source: str
    target: str
    sha256: str
    make: str  # copy, icons or theme


@dataclass(frozen=True)
class Package:
    """One pinned npm package and the files taken from it."""

    name: str
    version: str
    files: tuple[VendoredFile, ...]
    icons: tuple[str, ...]


def main() -> int:
    """Run the command line; 1 when a file is not what the manifest says."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--check", action="store_true", help="only compare the files that are there, without network"
    )
    packages = read_manifest(MANIFEST)
    problems = [] if arguments.parse_args().check else remake(packages)
    problems = problems or check(packages)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{sum(len(package.files) for package in packages)} vendored files are what the manifest says")
    return 1 if problems else 0


def read_manifest(path: Path) -> list[Package]:
    """Return the packages of the manifest; KeyError if one lacks its version, licence, reason or a hash."""
    packages = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["package"]:
        if not (entry["licence"] and entry["why"]):
            raise ValueError(f"{entry['name']} lacks its licence or its reason")
        files = tuple(VendoredFile(f["from"], f["to"], f["sha256"], f.get("make", "copy")) for f in entry["files"])
        packages.append(Package(entry["name"], entry["version"], files, tuple(entry.get("icons", ()))))
    return packages


def check(packages: list[Package]) -> list[str]:
    """Return one line for every file that is missing, changed or unknown to the manifest."""
    problems = []
    wanted = {ROOT / file.target: file for package in packages for file in package.files}
    for path, file in wanted.items():
        if not path.is_file():
            problems.append(f"{file.target}: missing")
        elif _sha256(path.read_bytes()) != file.sha256:
            problems.append(f"{file.target}: is not the file of the manifest")
    strangers = {path for path in VENDOR.rglob("*") if path.is_file()} - wanted.keys() - {MANIFEST}
    return problems + [f"{path.relative_to(ROOT)}: not in the manifest" for path in sorted(strangers)]


def remake(packages: list[Package]) -> list[str]:
    """Make every file from its package and write them all, or return what did not match and write none."""
    npm = shutil.which("npm")
    if npm is None:
        return ["npm is needed to fetch the packages (Node.js 20 or newer)"]
    made: dict[str, bytes] = {}
    problems = []
    for package in packages:
        print(f"{package.name} {package.version}")
        with tempfile.TemporaryDirectory() as folder:
            for file, content in _files_of(package, npm, Path(folder)):
                made[file.target] = content
                if _sha256(content) != file.sha256:
                    problems.append(f"{file.target}: expected {file.sha256}, the package gives {_sha256(content)}")
    if not problems:
        for target, content in made.items():
            (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / target).write_bytes(content)
    return problems


def _files_of(package: Package, npm: str, work: Path) -> list[tuple[VendoredFile, bytes]]:
    unpacked = _unpack(package, npm, work)
    return [(file, _content(file, package, npm, unpacked)) for file in package.files]


def _content(file: VendoredFile, package: Package, npm: str, unpacked: Path) -> bytes:
    match file.make:
        case "copy":
            return (unpacked / file.source).read_bytes()
        case "icons":
            return sprite(unpacked / file.source, list(package.icons))
        case "theme":
            with tempfile.TemporaryDirectory() as folder:
                return theme(npm, ROOT / file.source, package.version, Path(folder))
    raise ValueError(f"{file.target}: there is no way to make {file.make!r}")


def _unpack(package: Package, npm: str, work: Path) -> Path:
    command = [npm, "pack", f"{package.name}@{package.version}", "--pack-destination", str(work), "--ignore-scripts"]
    command.append("--loglevel=error")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - names come from our own manifest
    (archive,) = work.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(work, filter="data")
    return work / "package"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
