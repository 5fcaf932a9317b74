from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from inslussning.practice.attention import (
    ActionFacts,
    AskFacts,
    Attention,
    AttentionKind,
    CaseFacts,
    ConsentFacts,
    Facts,
    MailFacts,
    MeetingFacts,
    PartKind,
    PartState,
    Rules,
    SlotFacts,
    Urgency,
    VacancyFacts,
    attention,
    readiness,
)
from inslussning.practice.phases import Phase

TODAY = date(2026, 11, 24)
RULES = Rules(planning_starts_months=6, video_before_days=30, schedule_before_days=6, holiday_notice_days=28)
KEY = UUID(int=1)


def case(days: int | None = 100, **changes: object) -> CaseFacts:
    """A case released in so many days, with everything ready unless changed."""
    ready = CaseFacts(
        key=KEY,
        code="K-101",
        phase=Phase.PLAN,
        release_on=None if days is None else TODAY + timedelta(days=days),
        actors=3,
        needs=4,
        needs_without_action=0,
        has_video_meeting=True,
        has_appointment_first_week=True,
        has_schedule_handed_over=True,
    )
    return replace(ready, **changes)  # type: ignore[arg-type] # a test names only fields there are


def found(facts: Facts, lang: str = "sv") -> tuple[Attention, ...]:
    return attention(facts, rules=RULES, today=TODAY, lang=lang)


def about(*cases: CaseFacts) -> list[tuple[AttentionKind, Urgency]]:
    return [(one.kind, one.urgency) for one in found(Facts(cases=cases))]


def said(one: Attention) -> str:
    return one.message % one.params


class TestReadiness:
    def test_a_case_with_everything_is_ready(self) -> None:
        parts = readiness(case(), rules=RULES, today=TODAY)
        assert [(part.kind, part.state) for part in parts] == [(kind, PartState.READY) for kind in PartKind]

    @pytest.mark.parametrize(
        ("changes", "kind", "due_on"),
        [
            ({"has_video_meeting": False}, PartKind.VIDEO_MEETING, date(2026, 12, 24)),
            ({"needs_without_action": 1}, PartKind.NEEDS, date(2026, 12, 24)),
            ({"needs": 0}, PartKind.NEEDS, date(2026, 12, 24)),
            ({"has_appointment_first_week": False}, PartKind.FIRST_WEEK, date(2027, 1, 17)),
            ({"has_schedule_handed_over": False}, PartKind.SCHEDULE, date(2027, 1, 17)),
        ],
    )
    def test_a_missing_part_says_by_when(self, changes: dict[str, object], kind: PartKind, due_on: date) -> None:
        parts = readiness(case(60, **changes), rules=RULES, today=TODAY)
        assert [(part.kind, part.due_on) for part in parts if part.state is PartState.MISSING] == [(kind, due_on)]

    def test_a_part_is_late_the_day_after_its_last(self) -> None:
        states = [
            readiness(case(days, has_schedule_handed_over=False), rules=RULES, today=TODAY)[-1].state
            for days in (7, 6, 5)
        ]
        assert states == [PartState.MISSING, PartState.MISSING, PartState.LATE]

    def test_without_a_release_date_nothing_is_late(self) -> None:
        parts = readiness(case(None, has_video_meeting=False), rules=RULES, today=TODAY)
        assert parts[0].state is PartState.MISSING
        assert {part.due_on for part in parts} == {None}

    def test_parts_and_states_have_words(self) -> None:
        assert [kind.label for kind in PartKind] == [
            "Videomöte",
            "Behov",
            "Första veckan",
            "Schema",
        ]
        assert [state.label for state in PartState] == ["klart", "saknas", "försenat"]


class TestCases:
    def test_a_case_with_everything_ready_needs_nobody(self) -> None:
        assert about(case()) == []

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"has_video_meeting": False}, AttentionKind.VIDEO_MISSING),
            ({"has_appointment_first_week": False}, AttentionKind.TIMES_MISSING),
            ({"has_schedule_handed_over": False}, AttentionKind.SCHEDULE_MISSING),
            ({"needs_without_action": 2}, AttentionKind.NEEDS_MISSING),
            ({"actors": 0}, AttentionKind.ACTORS_MISSING),
        ],
    )
    def test_every_missing_part_is_told(self, changes: dict[str, object], kind: AttentionKind) -> None:
        assert about(case(100, **changes)) == [(kind, Urgency.LATER)]

    @pytest.mark.parametrize(
        ("days", "urgency"), [(14, Urgency.LATER), (13, Urgency.SOON), (6, Urgency.SOON), (5, Urgency.LATE)]
    )
    def test_it_grows_urgent_a_week_before_its_last_day(self, days: int, urgency: Urgency) -> None:
        assert about(case(days, has_schedule_handed_over=False)) == [(AttentionKind.SCHEDULE_MISSING, urgency)]

    def test_the_text_says_what_is_missing_and_when_the_release_is(self) -> None:
        texts = {
            said(one) for one in found(Facts(cases=(case(5, has_schedule_handed_over=False, needs_without_action=2),)))
        }
        assert texts == {
            "Schemat är inte överlämnat. Frigivningen är om 5 dagar.",
            "2 behov saknar åtgärd. Frigivningen är om 5 dagar.",
        }

    def test_no_needs_at_all_is_told_in_other_words(self) -> None:
        (one,) = found(Facts(cases=(case(5, needs=0),)))
        assert said(one) == "Inga behov är inskrivna. Frigivningen är om 5 dagar."

    def test_nothing_is_asked_before_planning_should_begin(self) -> None:
        release = date(2027, 5, 25)
        early = case(None, release_on=release, has_video_meeting=False, phase=Phase.VSP)
        assert about(early) == []
        assert about(replace(early, release_on=release - timedelta(days=1))) == [
            (AttentionKind.PLANNING_NOT_STARTED, Urgency.SOON),
            (AttentionKind.VIDEO_MISSING, Urgency.LATER),
        ]

    def test_planning_that_has_not_begun_in_time_is_late(self) -> None:
        assert about(case(150, phase=Phase.VSP)) == [(AttentionKind.PLANNING_NOT_STARTED, Urgency.LATE)]

    def test_a_passed_release_with_an_old_phase_is_all_that_is_told(self) -> None:
        (one,) = found(Facts(cases=(case(-1, has_schedule_handed_over=False),)))
        assert (one.kind, one.urgency) == (AttentionKind.RELEASE_PASSED, Urgency.LATE)
        assert said(one) == "Frigivningsdagen mån 23 nov har passerat, men ärendet har inte bytt fas."

    def test_after_the_release_the_right_phase_needs_nobody(self) -> None:
        assert about(case(-1, phase=Phase.CARRY_OUT, has_schedule_handed_over=False)) == []

    def test_a_closed_case_and_one_without_a_release_date_need_nobody(self) -> None:
        assert about(case(5, phase=Phase.CLOSED, actors=0), case(None, actors=0)) == []


class TestEverythingElse:
    def test_an_action_is_late_the_day_after(self) -> None:
        actions = tuple(
            ActionFacts(
                key=UUID(int=days),
                case=KEY,
                code="K-101",
                what="Ansök om bistånd",
                actor="Socialtjänsten",
                due_on=TODAY - timedelta(days),
            )
            for days in (0, 1, 4)
        )
        late = found(Facts(actions=actions))
        assert [one.about.int for one in late] == [4, 1]
        assert late[0].params["days"] == 4
        assert said(late[0]) == "Skulle vara klar för 4 dagar sedan: Ansök om bistånd (Socialtjänsten)"

    def test_a_coming_meeting_waits_for_answers(self) -> None:
        meeting = MeetingFacts(
            key=KEY, name="Veckotiden", on=TODAY + timedelta(days=2), unanswered=3, minutes_finalised=False
        )
        (one,) = found(Facts(meetings=(meeting, replace(meeting, unanswered=0))))
        assert (one.kind, one.urgency) == (AttentionKind.UNANSWERED, Urgency.SOON)
        assert said(one) == "3 har inte svarat på kallelsen till Veckotiden tors 26 nov."

    def test_a_held_meeting_waits_for_its_minutes(self) -> None:
        meeting = MeetingFacts(
            key=KEY, name="Veckotiden", on=TODAY - timedelta(days=5), unanswered=3, minutes_finalised=False
        )
        (one,) = found(Facts(meetings=(meeting, replace(meeting, minutes_finalised=True))))
        assert (one.kind, one.urgency) == (AttentionKind.MINUTES_OPEN, Urgency.LATE)
        assert said(one) == "Minnesanteckningarna från Veckotiden tors 19 nov är inte slutförda."

    def test_a_mail_that_failed_is_urgent(self) -> None:
        (one,) = found(Facts(mails=(MailFacts(key=KEY, recipient="Socialtjänsten", case=UUID(int=2), code="K-102"),)))
        assert (one.kind, one.urgency, one.case) == (AttentionKind.MAIL_FAILED, Urgency.LATE, UUID(int=2))
        assert said(one) == "Ett mejl till Socialtjänsten gick inte att skicka."

    def test_a_vacancy_to_come_is_announced_with_its_day(self) -> None:
        (one,) = found(Facts(vacancies=(VacancyFacts(key=KEY, actor="Klienthandläggare", since=TODAY),)))
        assert one.params["actor"] == "Klienthandläggare"
        assert one.params["day"]

    def test_a_function_nobody_staffs_is_urgent(self) -> None:
        (one,) = found(Facts(vacancies=(VacancyFacts(key=KEY, actor="Socialsekreterare vuxen – Björkstad"),)))
        assert (one.kind, one.urgency) == (AttentionKind.VACANCY, Urgency.LATE)
        assert said(one) == "Ingen bemannar Socialsekreterare vuxen – Björkstad."

    def test_a_weekly_slot_on_a_holiday_is_told_four_weeks_before(self) -> None:
        dates = (date(2026, 12, 22), date(2026, 12, 24), date(2026, 12, 31))
        one, *others = attention(
            Facts(slots=(SlotFacts(key=KEY, name="Veckotiden", dates=dates),)), rules=RULES, today=date(2026, 11, 26)
        )
        assert others == []
        assert (one.kind, one.urgency) == (AttentionKind.SLOT_ON_HOLIDAY, Urgency.LATER)
        assert said(one) == "Veckotiden tors 24 dec infaller på en helgdag (Julafton)."

    def test_a_saturday_slot_and_a_day_before_a_holiday_are_no_holidays(self) -> None:
        dates = (date(2026, 12, 5), date(2026, 12, 23), TODAY - timedelta(days=1))
        assert found(Facts(slots=(SlotFacts(key=KEY, name="Veckotiden", dates=dates),))) == ()

    def test_dates_are_written_in_the_readers_language(self) -> None:
        (one,) = found(Facts(cases=(case(-1),)), lang="en")
        assert one.params["day"] == "Mon 23 Nov"

    def test_a_client_who_said_no_is_asked_again_when_the_day_is_near(self) -> None:
        def asked(days: int) -> Facts:
            return Facts(asks=(AskFacts(key=KEY, case=KEY, code="K-3", on=TODAY + timedelta(days=days)),))

        assert found(asked(8)) == ()
        (soon,), (late,) = found(asked(7)), found(asked(-1))
        assert (soon.urgency, late.urgency) == (Urgency.SOON, Urgency.LATE)
        assert said(late) == "Klienten har sagt nej. Fråga igen mån 23 nov."

    def test_a_consent_about_to_end_says_whose_and_when(self) -> None:
        ending = ConsentFacts(case=KEY, code="K-3", actor="Beroendemottagningen", last_on=TODAY + timedelta(days=12))
        (one,) = found(Facts(consents=(ending,)))
        assert (one.kind, one.urgency, one.about) == (AttentionKind.CONSENT_ENDING, Urgency.LATER, KEY)
        assert said(one) == "Samtycket för Beroendemottagningen går ut om 12 dagar. Förnya det om klienten vill."

    def test_nothing_known_needs_nobody(self) -> None:
        assert found(Facts()) == ()


class TestOrder:
    FACTS = Facts(
        cases=(
            case(100, key=UUID(int=7), code="K-7", actors=0),
            case(6, key=UUID(int=6), code="K-6", has_schedule_handed_over=False),
            case(5, key=UUID(int=5), code="K-5", has_appointment_first_week=False, has_schedule_handed_over=False),
            case(-3, key=UUID(int=3), code="K-3"),
        ),
        actions=tuple(
            ActionFacts(
                key=UUID(int=key), case=KEY, code=code, what="x", actor="y", due_on=TODAY - timedelta(days=days)
            )
            for key, code, days in ((21, "K-2", 2), (20, "K-1", 2), (22, "K-9", 30))
        ),
        mails=(MailFacts(key=UUID(int=30), recipient="x"),),
    )

    def test_late_comes_before_soon_before_later_and_the_client_before_the_office(self) -> None:
        order = [one.about.int for one in found(self.FACTS)]
        assert order == [3, 5, 5, 30, 22, 20, 21, 6, 7]

    def test_the_order_does_not_depend_on_the_order_of_the_facts(self) -> None:
        turned = Facts(cases=self.FACTS.cases[::-1], actions=self.FACTS.actions[::-1], mails=self.FACTS.mails)
        assert found(turned) == found(self.FACTS)
