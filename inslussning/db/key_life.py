"""Data keys are made and destroyed within a transaction, and what the vault remembers of them follows the transaction's end.

Otherwise a key that was rolled back could seal a text that nothing opens again, and one whose destruction was rolled back would stay lost
until the vault reads it anew.
"""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import event, update
from sqlalchemy.orm import Session, SessionTransaction

from inslussning.db.data_keys import DataKey, KeyKind
from inslussning.db.vault import Vault

MADE, DESTROYED = "data keys made", "data keys destroyed"  # in Session.info: whose, by the transaction under way


def make_keys(session: Session, vault: Vault, owners: Collection[tuple[UUID, UUID, KeyKind]]) -> None:
    """Give owners (key, office, kind) their data keys, in the session's transaction; is that rolled back, the vault forgets them."""
    session.info.setdefault(MADE, set()).update((vault, owner_id) for owner_id, *_ in owners)
    vault.make_keys(session.connection(), owners)


def destroy_key(session: Session, vault: Vault, owner_id: UUID, now: dt.datetime) -> None:
    """Take away what the owner's texts are locked with; another process that has the key at hand forgets it within a minute."""
    session.info.setdefault(DESTROYED, set()).add((vault, owner_id))
    gone = {"wrapped": "", "destroyed_at": now}
    session.execute(update(DataKey).where(DataKey.owner_id == owner_id).values(gone))
    vault.forget(owner_id)


def _forget_keys(session: Session) -> None:
    """Let the vault read anew every key that this transaction has made or destroyed."""
    for vault, owner in session.info.get(MADE, set()) | session.info.get(DESTROYED, set()):
        vault.forget(owner)


@event.listens_for(Session, "after_commit")
def _keep_made_keys(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(MADE, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_after_a_savepoint(session: Session, _transaction: SessionTransaction) -> None:
    _forget_keys(session)


@event.listens_for(Session, "after_transaction_end")
def _forget_at_the_end(session: Session, transaction: SessionTransaction) -> None:
    """Forget what was rolled back, and what another thread read of a key while it was being destroyed."""
    if transaction.parent is None:
        _forget_keys(session)
        session.info.pop(MADE, None)
        session.info.pop(DESTROYED, None)
