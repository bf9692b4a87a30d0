"""What prices keep of people: the games that they watch, and the alerts that they got."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bellhop_ledger.api import PersonalData, PersonalRows
from bellhop_prices.tables import Alert, Game, Watch


def export(db: Session, user_id: UUID) -> PersonalRows:
    """Return the watches and alerts of somebody."""
    watches = select(Watch.id, Game.name, Watch.threshold, Watch.currency, Watch.armed, Watch.created_at)
    alerts = select(Alert.id, Game.name, Alert.amount, Alert.threshold, Alert.currency, Alert.created_at)
    return {
        "watches": db.execute(watches.join(Game, Game.id == Watch.game_id).where(Watch.user_id == user_id)).mappings(),
        "alerts": db.execute(alerts.join(Game, Game.id == Alert.game_id).where(Alert.user_id == user_id)).mappings(),
    }


def erase(db: Session, user_id: UUID) -> None:
    """Delete them."""
    db.execute(delete(Watch).where(Watch.user_id == user_id))
    db.execute(delete(Alert).where(Alert.user_id == user_id))


personal = PersonalData(export=export, erase=erase)
