"""The files of others that we carry are the ones that were reviewed, and none of them fetches anything from outside."""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
MANIFEST = VENDOR / "manifest.toml"
PACKAGES = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]
SHEETS = sorted(STATIC.rglob("*.css"))
PRINT_FONTS = sorted((VENDOR / "print").glob("*.ttf"))

OUTSIDE = re.compile(r"url\(\s*[\"']?\s*(?:https?:)?//|@import", re.IGNORECASE)
LETTERS_OF_OUR_PRINTS = "abcåäöABCÅÄÖéÉüÜøæŠšćĆđŁłžğıŞ0123456789–—…”’§½→✓☐"


class Listed(NamedTuple):
    """One file as the manifest lists it."""

    path: str
    sha256: str
    version: str
    make: str


LISTED = [
    Listed(file["to"], file["sha256"], package["version"], file.get("make", "copy"))
    for package in PACKAGES
    for file in package["files"]
]


@pytest.mark.parametrize("file", LISTED, ids=lambda file: file.path)
def test_a_vendored_file_is_the_one_that_was_reviewed(file: Listed) -> None:
    assert hashlib.sha256((ROOT / file.path).read_bytes()).hexdigest() == file.sha256


def test_every_file_among_the_vendored_ones_is_in_the_manifest() -> None:
    present = {path.relative_to(ROOT).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present - {MANIFEST.relative_to(ROOT).as_posix()} <= {file.path for file in LISTED}


@pytest.mark.parametrize("file", [file for file in LISTED if "licence" not in file.path], ids=lambda file: file.path)
def test_the_file_name_tells_the_version_so_that_browsers_may_keep_it_for_ever(file: Listed) -> None:
    version = r"-\d+\." if file.make == "theme" else re.escape(f"-{file.version}.")
    assert re.search(version, Path(file.path).name)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_a_package_we_carry_says_why_and_under_what_licence(package: dict[str, str]) -> None:
    assert package["why"].endswith(".")
    assert package["licence"] in {"0BSD", "ISC", "MIT", "MPL-2.0", "OFL-1.1"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_fetches_nothing_from_outside(sheet: Path) -> None:
    assert not OUTSIDE.search(sheet.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "reference", ["url(http://a.example/x)", "url('//a.example/x')", '@import "https://a.example"']
)
def test_the_search_for_outside_references_finds_them(reference: str) -> None:
    assert OUTSIDE.search(reference)


def test_the_fonts_that_the_style_sheet_names_are_there() -> None:
    names = re.findall(r'url\("([^"]+)"\)', (STATIC / "fonts.css").read_text(encoding="utf-8"))
    assert names
    assert all((STATIC / name).is_file() for name in names)


def test_the_icons_are_drawings_and_nothing_else() -> None:
    (sprite,) = VENDOR.glob("icons-*.svg")
    tags = set(re.findall(r"<([a-zA-Z:]+)", sprite.read_text(encoding="utf-8")))
    assert tags <= {"svg", "symbol", "path", "rect", "circle", "line", "polyline", "polygon", "ellipse"}


@pytest.mark.parametrize("font", PRINT_FONTS, ids=lambda font: font.stem)
def test_a_print_can_write_the_names_and_signs_of_our_documents(font: Path) -> None:
    drawn = TTFont(font).getBestCmap()
    assert [letter for letter in LETTERS_OF_OUR_PRINTS if ord(letter) not in drawn] == []


def test_the_print_fonts_are_the_regular_the_italic_the_semibold_and_the_bold() -> None:
    faces = {(TTFont(font)["OS/2"].usWeightClass, bool(TTFont(font)["OS/2"].fsSelection & 1)) for font in PRINT_FONTS}
    assert faces == {(400, False), (400, True), (600, False), (700, False)}
