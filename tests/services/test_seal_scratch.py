import datetime as dt
from sqlalchemy import text, select, insert, update
import pytest
from inslussning.models import Need, NeedArea, DataKey
from inslussning.db import sealed
def test_need(session, world, coordinator):
    area = session.scalars(select(NeedArea)).first()
    n = Need(office_id=coordinator.office_id, case_id=world.near.id, area_id=area.id, text="KANARIE", opened_on=dt.date(2026,1,1))
    assert n.text == "KANARIE"
    session.add(n); session.commit()
    raw = session.scalar(text("select text from needs"))
    print(raw)
    assert raw.startswith("v1.")
    session.expire_all()
    assert session.get(Need, n.id).text == "KANARIE"
    n.text = "KANARIE"
    assert not session.is_modified(n)
    n.text = "ny"; session.commit()
    session.expire_all(); assert n.text == "ny"
    n.text = ""; session.commit(); session.expire_all(); assert n.text == ""
    with pytest.raises(Exception): session.execute(select(Need).where(Need.text == "x"))
    with pytest.raises(Exception): session.execute(update(Need).values(text="x"))
    session.rollback()
