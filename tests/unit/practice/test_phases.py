import pytest

from inslussning.practice.phases import Phase, phase_named


def test_the_phases_are_named_in_the_order_of_the_model() -> None:
    assert [phase.label for phase in Phase] == ["VSP", "Inleda", "Planera", "Genomföra", "Avslutad"]


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_is_understood_by_its_own_label_and_value(phase: Phase) -> None:
    assert phase_named(f" {phase.label.upper()} ") is phase
    assert phase_named(phase.value) is phase


def test_nouns_are_understood_and_other_words_are_not() -> None:
    assert phase_named("planering") is Phase.PLAN
    assert phase_named("väntar") is None


def test_three_phases_come_before_the_release() -> None:
    assert [phase for phase in Phase if phase.is_before_release] == [Phase.VSP, Phase.INITIATE, Phase.PLAN]
