import pytest

from meetings.minutes import (
    MinutesLocked,
    MinutesState,
    MinutesStatus,
    NothingToReopen,
    ReasonMissing,
    change,
    finalise,
    reopen,
)

DRAFT = MinutesStatus()
LOCKED = MinutesStatus(MinutesState.FINALISED, 1)


class TestChange:
    def test_a_draft_may_be_changed(self) -> None:
        assert change(DRAFT) == DRAFT

    def test_finalised_minutes_may_not(self) -> None:
        with pytest.raises(MinutesLocked):
            change(LOCKED)


class TestFinalise:
    def test_the_first_lock_is_version_one(self) -> None:
        assert finalise(DRAFT) == LOCKED

    def test_finalised_minutes_cannot_be_finalised_again(self) -> None:
        with pytest.raises(MinutesLocked):
            finalise(LOCKED)

    def test_a_correction_becomes_the_next_version(self) -> None:
        assert finalise(reopen(LOCKED, reason="Fel datum")).number == 2


class TestReopen:
    def test_the_number_of_the_locked_version_is_kept(self) -> None:
        assert reopen(LOCKED, reason="Fel datum") == MinutesStatus(MinutesState.DRAFT, 1)

    @pytest.mark.parametrize("reason", ["", "  ", "\n"])
    def test_somebody_has_to_say_why(self, reason: str) -> None:
        with pytest.raises(ReasonMissing):
            reopen(LOCKED, reason=reason)

    def test_a_draft_is_open_already(self) -> None:
        with pytest.raises(NothingToReopen):
            reopen(DRAFT, reason="Fel datum")
