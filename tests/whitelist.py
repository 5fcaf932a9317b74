"""What may leave in a calendar file, read by a parser of our own that fails on everything else.

The approved properties and parameters are written down here a second time, on purpose: whoever lets one more thing
leave has to say so in a test.
"""

import re

_TIME_OF_YEAR = dict.fromkeys(("DTSTART", "RRULE", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO"), frozenset[str]())
_LOCAL = frozenset({"TZID"})
_NOTHING = frozenset[str]()
APPROVED: dict[str, dict[str, frozenset[str]]] = {
    "VCALENDAR": dict.fromkeys(("VERSION", "PRODID", "METHOD", "NAME", "X-WR-CALNAME"), _NOTHING),
    "VTIMEZONE": {"TZID": _NOTHING},
    "STANDARD": _TIME_OF_YEAR,
    "DAYLIGHT": _TIME_OF_YEAR,
    "VEVENT": {
        **dict.fromkeys(("UID", "SEQUENCE", "DTSTAMP", "RRULE", "CLASS", "STATUS", "TRANSP"), _NOTHING),
        **dict.fromkeys(("SUMMARY", "DESCRIPTION", "LOCATION"), _NOTHING),
        **dict.fromkeys(("DTSTART", "DTEND", "EXDATE", "RECURRENCE-ID"), _LOCAL),
        "ORGANIZER": frozenset({"CN"}),
        "ATTENDEE": frozenset({"CN", "CUTYPE", "PARTSTAT", "ROLE", "RSVP"}),
        "CONFERENCE": frozenset({"VALUE", "FEATURE", "LABEL"}),
    },
}
_PARAMETER = re.compile(r';([A-Z-]+)=((?:"[^"]*"|[^";:,])*)')


def content_lines(data: bytes) -> list[str]:
    """Unfold the lines of RFC 5545 §3.1."""
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def parts(line: str) -> tuple[str, dict[str, str], str]:
    """Split a content line into name, parameters and value."""
    name = re.match(r"[A-Z-]+", line)
    assert name is not None, line
    parameters, end = {}, name.end()
    while match := _PARAMETER.match(line, end):
        parameters[match[1]], end = match[2].strip('"'), match.end()
    assert line[end] == ":", line
    return name[0], parameters, line[end + 1 :]


def violations(data: bytes) -> list[str]:
    """List every component, property and parameter that is not approved where it stands."""
    found, open_components = [], ["file"]
    for line in content_lines(data):
        name, parameters, value = parts(line)
        where = open_components[-1]
        if name == "BEGIN":
            open_components.append(value)
            found += [f"component {value}"] if value not in APPROVED else []
        elif name == "END":
            assert open_components.pop() == value
        elif name not in APPROVED.get(where, {}):
            found.append(f"{where} {name}")
        else:
            found += [f"{where} {name};{parameter}" for parameter in sorted(parameters.keys() - APPROVED[where][name])]
    assert open_components == ["file"]
    return found


def addresses(data: bytes) -> set[str]:
    """Find everything that looks like a mail address, except the UID, which is random and only shaped like one."""
    lines = (line for line in content_lines(data) if not line.startswith("UID:"))
    return {address for line in lines for address in re.findall(r"[\w.+-]+@[\w.-]+", line)}
