import re
import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meetings.recurrence import UnknownZone
from meetings.timezones import ZoneNotExpressible, vtimezone

ROOT = Path(__file__).parents[3]
MARCH_2030, JUNE_2030 = datetime(2030, 3, 1, tzinfo=UTC), datetime(2030, 6, 1, tzinfo=UTC)
CHRISTMAS_2037, NEW_YEAR_2040 = datetime(2037, 12, 28, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)

STOCKHOLM_LINES = """\
BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def written(zone: str) -> str:
    lines: bytes = vtimezone(zone).to_ical()
    return lines.decode().replace("\r\n", "\n")


def observance(zone: str, kind: str) -> dict[str, str]:
    """The properties of one sub-component, by name."""
    inner = written(zone).split(f"BEGIN:{kind}\n")[1].split(f"END:{kind}\n")[0]
    return dict(line.split(":", 1) for line in inner.splitlines())


Changes = tuple[tuple[datetime, timedelta], ...]


def tzif(footer: str, *, version: bytes = b"2", changes: Changes = ()) -> bytes:
    """A compiled zone (RFC 9636) that is at +01:00 until its changes, and then follows its footer."""
    for_old_readers = data_block(version, ())
    if version == b"\0":
        return for_old_readers
    return for_old_readers + data_block(version, changes) + f"\n{footer}\n".encode()


def data_block(version: bytes, changes: Changes) -> bytes:
    kinds = [timedelta(hours=1), *(offset for _, offset in changes)]
    return b"".join(
        (
            b"TZif" + version.ljust(16, b"\0") + struct.pack(">6I", 0, 0, 0, len(changes), len(kinds), 4),
            *(struct.pack(">q", int(when.timestamp())) for when, _ in changes),
            bytes(range(1, len(kinds))),
            *(struct.pack(">ibB", int(kind.total_seconds()), 0, 0) for kind in kinds),
            b"ZZZ\0",
        )
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A time zone database of our own making in place of the machine's."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    yield tmp_path
    zoneinfo.reset_tzpath(to=before)
    vtimezone.cache_clear()
    zoneinfo.ZoneInfo.clear_cache()


class TestComponent:
    def test_stockholm_has_one_winter_and_one_summer_that_return_every_year(self) -> None:
        assert written("Europe/Stockholm") == STOCKHOLM_LINES

    def test_a_week_counted_from_the_start_of_the_month_keeps_its_number(self) -> None:
        assert observance("America/New_York", "DAYLIGHT") == {
            "DTSTART": "19700308T020000",
            "RRULE": "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3",
            "TZNAME": "EDT",
            "TZOFFSETFROM": "-0500",
            "TZOFFSETTO": "-0400",
        }

    def test_summer_in_the_south_begins_in_october(self) -> None:
        assert observance("Australia/Sydney", "DAYLIGHT")["RRULE"] == "FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"

    def test_irish_summer_is_daylight_time_although_irish_law_calls_it_standard(self) -> None:
        summer, winter = observance("Europe/Dublin", "DAYLIGHT"), observance("Europe/Dublin", "STANDARD")
        assert (summer["TZNAME"], summer["TZOFFSETTO"], summer["DTSTART"]) == ("IST", "+0100", "19700329T010000")
        assert (winter["TZNAME"], winter["TZOFFSETTO"], winter["DTSTART"]) == ("GMT", "+0000", "19701025T020000")

    def test_a_zone_that_never_changes_its_clocks_has_only_standard_time(self) -> None:
        assert "DAYLIGHT" not in written("Asia/Kolkata")
        assert observance("Asia/Kolkata", "STANDARD") == {
            "DTSTART": "19700101T000000",
            "TZNAME": "IST",
            "TZOFFSETFROM": "+0530",
            "TZOFFSETTO": "+0530",
        }

    def test_a_name_of_digits_is_written_without_its_brackets(self) -> None:
        assert observance("Atlantic/Azores", "STANDARD")["TZNAME"] == "-01"

    def test_half_hours_of_summer_time_are_kept(self) -> None:
        assert observance("Australia/Lord_Howe", "DAYLIGHT")["TZOFFSETFROM"] == "+1030"

    def test_it_is_made_once(self) -> None:
        assert vtimezone("Europe/Stockholm") is vtimezone("Europe/Stockholm")


class TestRefusal:
    @pytest.mark.parametrize("zone", ["America/Nuuk", "Asia/Jerusalem", "Africa/Cairo"])
    def test_a_change_on_the_day_before_or_after_its_weekday_is_refused(self, zone: str) -> None:
        with pytest.raises(ZoneNotExpressible, match=zone):
            vtimezone(zone)

    def test_an_unknown_zone_is_refused_as_such(self) -> None:
        with pytest.raises(UnknownZone):
            vtimezone("Europe/Bjorkstad")

    @pytest.mark.parametrize(
        "footer",
        [
            "CET-1CEST,J60,J300",
            "CET-1CEST,59,299",
            "CET-1CEST,M3.5.0,J300",
            "CET-1CEST,M3.5.0/-1,M10.5.0/3",
            "CET-1CEST,M3.5.0,M10.5.0/24",
            "CET-1CEST,M3.5.0/100,M10.5.0/3",
        ],
    )
    def test_a_rule_no_weekday_can_state_is_refused(self, database: Path, footer: str) -> None:
        (database / "Odd").write_bytes(tzif(footer))
        with pytest.raises(ZoneNotExpressible):
            vtimezone("Odd")

    def test_a_file_of_the_first_version_has_no_rule_to_write(self, database: Path) -> None:
        (database / "Old").write_bytes(tzif("", version=b"\0"))
        with pytest.raises(ZoneNotExpressible):
            vtimezone("Old")

    @pytest.mark.parametrize(("leaves", "returns"), [(MARCH_2030, JUNE_2030), (CHRISTMAS_2037, NEW_YEAR_2040)])
    def test_a_zone_that_leaves_its_rule_for_a_time_is_refused(
        self, database: Path, leaves: datetime, returns: datetime
    ) -> None:
        changes = ((leaves, timedelta(hours=5)), (returns, timedelta(hours=1)))
        (database / "Moody").write_bytes(tzif("CET-1", changes=changes))
        with pytest.raises(ZoneNotExpressible):
            vtimezone("Moody")


class TestSource:
    def test_an_offset_given_for_summer_is_used(self, database: Path) -> None:
        (database / "Double").write_bytes(tzif("CET-1CEMT-3,M3.5.0,M10.5.0/3"))
        assert observance("Double", "DAYLIGHT")["TZOFFSETTO"] == "+0300"

    def test_the_database_of_the_machine_comes_first_as_for_zoneinfo(self, database: Path) -> None:
        (database / "Europe").mkdir()
        (database / "Europe" / "Oslo").write_bytes(tzif("ZZZ-1"))
        assert observance("Europe/Oslo", "STANDARD")["TZNAME"] == "ZZZ"

    @pytest.mark.usefixtures("database")
    def test_a_machine_without_a_database_uses_the_package(self) -> None:
        vtimezone.cache_clear()
        assert written("Europe/Stockholm") == STOCKHOLM_LINES

    @pytest.mark.parametrize("package", ["meetings", "inslussning"])
    def test_no_source_asks_the_library_to_write_zones(self, package: str) -> None:
        forbidden = re.compile(r"\badd_missing_timezones\b|\bfrom_tzid\b|\bfrom_tzinfo\b")
        files = list((ROOT / package).rglob("*.py"))
        assert files
        assert [file.name for file in files if forbidden.search(file.read_text(encoding="utf-8"))] == []
