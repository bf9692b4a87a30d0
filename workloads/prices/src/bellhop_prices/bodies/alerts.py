"""Alerts: one mail when a price is at a watch's threshold or below, and no more until it has been above."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import Letter, Link, Settings, send_mail
from bellhop_prices.tables import Alert, in_words

FIRE = text("""
    UPDATE prices.watches w SET armed = false FROM prices.games g, users u
    WHERE g.id = w.game_id AND u.id = w.user_id AND g.id = ANY(CAST(:ids AS bigint[])) AND w.armed
      AND (g.amount = 0 OR g.amount <= w.threshold AND g.currency = w.currency)
      AND u.disabled_at IS NULL
    RETURNING w.user_id, w.game_id, w.threshold, w.currency, g.amount, g.name, u.email
""")


def alert(db: Session, ids: Sequence[int]) -> int:
    """Write to everybody who waits for what these games cost now, and return how many that were."""
    fired = db.execute(FIRE, {"ids": list(ids)}).all()
    for row in fired:
        mail = send_mail(db, row.email, letter(row))
        db.add(
            Alert(
                user_id=row.user_id,
                game_id=row.game_id,
                mail_id=mail.id,
                amount=row.amount,
                threshold=row.threshold,
                currency=row.currency,
            )
        )
    return len(fired)


def letter(row: Any) -> Letter:
    """Write what a watcher is told."""
    price, threshold = in_words(row.amount, row.currency), in_words(row.threshold, row.currency)
    costs = f"{'costs' if row.amount else 'is'} {price}"
    return Letter(
        subject=f"{row.name} {costs}",
        paragraphs=(
            f"{row.name} {costs} now. You asked to be told at {threshold} or below.",
            "You are told again when the price has been above that and has come down once more.",
        ),
        link=Link("Look at the price", f"{Settings.load().public_url}/prices/{row.game_id}"),
    )
