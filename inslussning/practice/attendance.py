"""Whether somebody came. It is unset until a person sets it: silence is not absence."""

from enum import StrEnum

from inslussning.i18n import N_


class Attendance(StrEnum):
    """Came, valid excuse, did not come, or called off by us."""

    CAME = "came"
    EXCUSED = "excused"
    ABSENT = "absent"
    CANCELLED_BY_US = "cancelled_by_us"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]


_LABELS = {
    Attendance.CAME: N_("Kom"),
    Attendance.EXCUSED: N_("Giltigt förfall"),
    Attendance.ABSENT: N_("Uteblev"),
    Attendance.CANCELLED_BY_US: N_("Inställt av oss"),
}
