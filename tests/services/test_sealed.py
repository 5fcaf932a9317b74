"""Sealed columns: plain in Python, sealed in the database, and no way around it."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, sessionmaker

from inslussning.db.data_keys import DataKey
from inslussning.db.engine import Database
from inslussning.db.sealed import NoVault, PlainText, open_column, vault_of
from inslussning.db.sealed_parts import ERASED
from inslussning.db.types import new_id
from inslussning.db.vault import SealBroken
from inslussning.models import Action, ActionEvent, AgendaItem, Minutes, MinutesRevision, Need, NeedArea, Schedule
from inslussning.practice.access import Principal
from inslussning.services import actions, minutes
from meetings.actions import ActionState
from meetings.minutes import MinutesState
from tests.conftest import NOW, TODAY, QueryCounter
from tests.factories.case_parts import a_schedule, a_video_meeting
from tests.factories.offices import World

CANARY = "Kanariefågel Åsa"


def a_need(session: Session, world: World, words: str = CANARY) -> Need:
    area = session.scalars(select(NeedArea.id).limit(1)).one()
    need = Need(office_id=world.office.id, case_id=world.near.id, area_id=area, text=words, opened_on=TODAY)
    session.add(need)
    session.flush()
    return need


def raw(session: Session, column: str, table: str, key: UUID) -> Any:
    """What the database holds, past everything of ours."""
    held = session.connection().exec_driver_sql
    rows = held(f"SELECT id, {column} FROM {table}").all()  # noqa: S608 - names of the test's own
    return next(value for row, value in rows if UUID(str(row)) == key)


def destroy(session: Session, owner: UUID) -> None:
    session.execute(update(DataKey).where(DataKey.owner_id == owner).values(wrapped="", destroyed_at=NOW))
    vault_of(session).forget(owner)
    session.commit()
    session.expire_all()


class TestAttributes:
    def test_what_is_set_is_read_before_and_after_it_is_saved(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        assert need.text == CANARY
        session.commit()
        session.expire_all()
        assert need.text == CANARY

    def test_the_database_holds_it_sealed_under_the_case(self, session: Session, world: World) -> None:
        held = raw(session, "text", "needs", a_need(session, world).id)
        assert held.startswith(f"v1.{world.near.id.hex}.")
        assert "Kanarie" not in held

    def test_a_change_is_sealed_too(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        before = raw(session, "text", "needs", need.id)
        need.text = "Något annat"
        session.commit()
        session.expire_all()
        assert need.text == "Något annat"
        assert raw(session, "text", "needs", need.id) != before

    def test_the_same_text_again_changes_nothing(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        session.commit()
        session.expire_all()
        need.text = CANARY
        assert not session.is_modified(need)

    def test_the_empty_text_is_kept_as_it_is(self, session: Session, world: World) -> None:
        need = a_need(session, world, "")
        assert raw(session, "text", "needs", need.id) == ""
        need.text = CANARY
        need.text = ""
        session.commit()
        session.expire_all()
        assert need.text == ""
        assert session.scalar(select(func.count()).select_from(Need).where(Need.text == "")) == 1

    def test_a_row_saved_again_after_a_rollback_opens(self, session: Session, world: World) -> None:
        area = session.scalars(select(NeedArea.id).limit(1)).one()
        need = Need(office_id=world.office.id, case_id=world.near.id, area_id=area, text=CANARY, opened_on=TODAY)
        savepoint = session.begin_nested()
        session.add(need)
        session.flush()
        savepoint.rollback()
        session.add(need)
        session.commit()
        session.expire_all()
        assert need.text == CANARY

    def test_an_event_is_sealed_under_its_actions_case(
        self, session: Session, coordinator: Principal, world: World
    ) -> None:
        new = actions.NewAction(case_id=world.near.id, actor_id=world.social.id, what="Ringa", due_on=TODAY)
        action = actions.add_action(session, coordinator, new, now=NOW)
        actions.set_state(session, coordinator, action.id, ActionState.ONGOING, note=CANARY, now=NOW)
        event = next(e for e in session.scalars(select(ActionEvent)) if e.note)
        assert raw(session, "note", "action_events", event.id).startswith(f"v1.{world.near.id.hex}.")
        assert raw(session, "what", "actions", action.id).startswith(f"v1.{world.near.id.hex}.")

    def test_a_page_of_rows_fetches_its_keys_in_one_statement(
        self, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        area = session.scalars(select(NeedArea.id).limit(1)).one()
        for case in (world.near, world.far):
            values = {"office_id": world.office.id, "case_id": case.id, "area_id": area, "opened_on": TODAY}
            session.add(Need(text=CANARY, **values))
        session.commit()
        session.expire_all()
        vault_of(session).forget_all()
        needs = session.scalars(select(Need)).all()
        with query_counter() as statements:
            assert [need.text for need in needs] == [CANARY, CANARY]
        assert len(statements) == 1


class TestNoWayAround:
    def test_plain_text_cannot_be_inserted_past_the_attribute(self, session: Session, world: World) -> None:
        area = session.scalars(select(NeedArea.id).limit(1)).one()
        values = {"id": new_id(), "office_id": world.office.id, "case_id": world.near.id, "area_id": area}
        with pytest.raises(StatementError, match="sealed values only"):
            session.execute(insert(Need).values(text=CANARY, opened_on=TODAY, **values))

    def test_nor_by_an_update_in_bulk(self, session: Session, world: World) -> None:
        assert world.office.id
        with pytest.raises(StatementError, match="sealed values only"):
            session.execute(update(Need).values(text=CANARY))

    def test_no_query_compares_with_it(self, session: Session, world: World) -> None:
        assert world.office.id
        with pytest.raises(StatementError, match="sealed values only"):
            session.scalars(select(Need).where(Need.text == CANARY)).all()

    def test_plain_text_in_the_database_is_refused_on_reading(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        session.execute(text("UPDATE needs SET text = 'planted'"))
        session.expire_all()
        with pytest.raises(SealBroken):
            _ = need.text

    def test_a_value_copied_to_another_row_is_refused(self, session: Session, world: World) -> None:
        first, second = a_need(session, world), a_need(session, world, "Annat")
        moved = {"value": raw(session, "text", "needs", first.id), "plain": second.text}
        session.execute(text("UPDATE needs SET text = :value"), {"value": moved["value"]})
        session.expire_all()
        assert first.text == CANARY
        with pytest.raises(SealBroken):
            _ = second.text

    def test_a_row_moved_to_another_case_is_refused(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        session.execute(update(Need).values(case_id=world.far.id))
        session.expire_all()
        with pytest.raises(SealBroken):
            _ = need.text

    def test_a_sealed_value_shown_unopened_fails_instead(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        token = session.execute(select(Need.__table__.c.text)).scalar_one()
        with pytest.raises(PlainText):
            str(token)
        assert CANARY not in repr(token)
        assert open_column(session, Need.__table__.c.text, [(need.id, token)]) == [CANARY]

    def test_a_session_without_a_vault_reads_and_writes_nothing_sealed(
        self, database: Database, session: Session, world: World
    ) -> None:
        need = a_need(session, world)
        session.commit()
        bare = sessionmaker(session.connection(), join_transaction_mode="create_savepoint")
        with bare() as other:
            with pytest.raises(NoVault):
                _ = other.get_one(Need, need.id).text
            with pytest.raises(NoVault):
                a_need(other, world)
        assert database.engine


class TestErased:
    def test_it_reads_as_erased(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        destroy(session, world.near.id)
        assert need.text == ERASED

    def test_so_does_a_list(self, session: Session, world: World) -> None:
        need = a_need(session, world)
        destroy(session, world.near.id)
        token = session.execute(select(Need.__table__.c.text)).scalar_one()
        assert open_column(session, Need.__table__.c.text, [(need.id, token)]) == [ERASED]

    def test_a_handed_over_schedule_is_empty(self, session: Session, world: World) -> None:
        held = a_schedule(session, world.coordinator, world.near, NOW)
        assert session.get_one(Schedule, held.id).content["fingerprint"] == "as it was then"
        destroy(session, world.near.id)
        assert held.content == {}

    def test_nothing_more_is_written_about_it(self, session: Session, world: World) -> None:
        destroy(session, world.near.id)
        with pytest.raises(Exception, match=world.near.id.hex):
            a_need(session, world)


class TestMinutes:
    def revision(self, session: Session, world: World) -> MinutesRevision:
        """Locked minutes that speak of two cases and of none."""
        meeting = a_video_meeting(session, world.near, NOW)
        meeting.case_id = None
        session.flush()
        kept = Minutes(office_id=world.office.id, meeting_id=meeting.id, state=MinutesState.FINALISED, number=1)
        session.add(kept)
        session.flush()
        said = {"title": "Ärende", "kind": "case", "minutes": 10, "decisions": ""}
        items = [
            {**said, "case_id": str(world.near.id), "code": "K-101", "notes": CANARY},
            {**said, "case_id": str(world.far.id), "code": "K-102", "notes": "Det andra"},
            {**said, "case_id": None, "code": "", "notes": "Allmänt"},
        ]
        agreed = [{"case_id": str(world.near.id), "code": "K-101", "what": CANARY, "due_on": "2026-12-01", "need": ""}]
        revision = MinutesRevision(
            office_id=world.office.id,
            minutes_id=kept.id,
            number=1,
            finalised_at=NOW,
            person_id=world.coordinator.person_id,
            content={"place": "Rum 3", "items": items, "agreed": agreed, "carried": []},
        )
        session.add(revision)
        session.commit()
        session.expire_all()
        return revision

    def test_the_whole_is_read_as_it_was_written(self, session: Session, world: World) -> None:
        content = self.revision(session, world).content
        assert [item["notes"] for item in content["items"]] == [CANARY, "Det andra", "Allmänt"]
        assert content["agreed"][0]["what"] == CANARY
        assert content["place"] == "Rum 3"
        assert set(content["items"][0]) == {"title", "kind", "minutes", "decisions", "case_id", "code", "notes"}

    def test_nothing_of_it_is_plain_in_the_database(self, session: Session, world: World) -> None:
        held = raw(session, "content", "minutes_revisions", self.revision(session, world).id)
        for word in ("Kanarie", "Det andra", "Rum 3", "K-101", "2026-12-01", "Allm"):
            assert word not in held

    def test_erasing_one_case_erases_just_its_part(self, session: Session, world: World) -> None:
        revision = self.revision(session, world)
        destroy(session, world.near.id)
        items = revision.content["items"]
        assert [item["notes"] for item in items] == [ERASED, "Det andra", "Allmänt"]
        assert items[0]["code"] == ERASED
        assert revision.content["agreed"][0] | {"case_id": ""} == {
            "case_id": "",
            "code": ERASED,
            "what": ERASED,
            "due_on": "2026-12-01",
            "need": ERASED,
        }

    def test_a_part_moved_within_the_document_is_refused(self, session: Session, world: World) -> None:
        revision = self.revision(session, world)
        held = raw(session, "content", "minutes_revisions", revision.id)
        swapped = held.replace("items.0", "items.9").replace("items.1", "items.0").replace("items.9", "items.1")
        session.execute(text("UPDATE minutes_revisions SET content = :held"), {"held": swapped})
        session.expire_all()
        with pytest.raises(SealBroken):
            _ = revision.content

    def test_an_items_draft_is_sealed_under_the_meetings_case(
        self, session: Session, coordinator: Principal, world: World
    ) -> None:
        meeting = a_video_meeting(session, world.near, NOW)
        item = AgendaItem(
            office_id=world.office.id, meeting_id=meeting.id, position=0, kind="standing", title="Läget", minutes=10
        )
        session.add(item)
        session.flush()
        draft = minutes.ItemDraft(notes=CANARY, decisions="", version=1)
        minutes.save_item(session, coordinator, meeting.id, item.id, draft, now=NOW + dt.timedelta(minutes=1))
        assert raw(session, "notes", "agenda_items", item.id).startswith(f"v1.{world.near.id.hex}.")


def test_an_action_and_its_list_show_the_same(session: Session, coordinator: Principal, world: World) -> None:
    new = actions.NewAction(case_id=world.near.id, actor_id=world.social.id, what=CANARY, due_on=TODAY)
    action = actions.add_action(session, coordinator, new, now=NOW)
    row = session.execute(select(Action.__table__.c.id, Action.__table__.c.what)).one()
    assert open_column(session, Action.__table__.c.what, [(row.id, row.what)]) == [action.what] == [CANARY]
