"""Pictures of kiosks' screens: which are asked for, and the last one of each kiosk, for a day.

Called by `work.picture` and `work.clock` for changes, by the pages with a reading connection.
May touch `pictures`.
"""

from dataclasses import dataclass

from sqlalchemy import text

from headoffice.store.engine import Connection

KEPT_MS = 24 * 3600 * 1000  # a picture, and the wish for one


@dataclass(frozen=True, kw_only=True)
class PictureSeen:
    """What there is of a kiosk's screen; times in ms, None for what there is not."""

    asked_at: int | None = None
    received_at: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Png:
    """A picture that was checked."""

    width: int
    height: int
    data: bytes


def ask(connection: Connection, kiosk: int, *, now: int) -> None:
    """Wish for a picture; the last one stays until it comes."""
    connection.execute(ASK, {"kiosk": kiosk, "now": now})


def put(connection: Connection, kiosk: int, png: Png, *, asked_at: int, now: int) -> bool:
    """Keep a picture that was asked for at a moment; False where nobody waits for just that one."""
    values = {"kiosk": kiosk, "asked_at": asked_at, "now": now, **vars(png)}
    return bool(connection.execute(PUT, values).rowcount)


def find(connection: Connection, kiosk: int, *, now: int) -> PictureSeen:
    """What there is of a kiosk, as of a moment; nothing that is a day old."""
    row = connection.execute(FIND, {"kiosk": kiosk, "since": now - KEPT_MS}).mappings().one_or_none()
    return PictureSeen() if row is None else PictureSeen(**row)


def data(connection: Connection, kiosk: int, *, now: int) -> bytes | None:
    """The last picture of a kiosk; None where there is none, or only one that is a day old."""
    return connection.execute(DATA, {"kiosk": kiosk, "since": now - KEPT_MS}).scalar_one_or_none()


def let_go(connection: Connection, *, before_ms: int) -> None:
    """Forget the pictures that came, and the wishes that were made, before a moment."""
    for statement in LET_GO:
        connection.execute(statement, {"before": before_ms})


ASK = text("""
    INSERT INTO pictures (kiosk, asked_at) VALUES (:kiosk, :now)
    ON CONFLICT (kiosk) DO UPDATE SET asked_at = excluded.asked_at
""")
PUT = text("""
    UPDATE pictures SET asked_at = NULL, received_at = :now, width = :width, height = :height, png = :data
     WHERE kiosk = :kiosk AND asked_at = :asked_at
""")
FIND = text("""
    SELECT CASE WHEN asked_at >= :since THEN asked_at END AS asked_at,
           CASE WHEN received_at >= :since THEN received_at END AS received_at, width, height
      FROM pictures WHERE kiosk = :kiosk
""")
DATA = text("SELECT png FROM pictures WHERE kiosk = :kiosk AND received_at >= :since")
LET_GO = tuple(
    text(statement)
    for statement in (
        "UPDATE pictures SET asked_at = NULL WHERE asked_at < :before",
        """
        UPDATE pictures SET received_at = NULL, width = NULL, height = NULL, png = NULL
         WHERE received_at < :before
        """,
        "DELETE FROM pictures WHERE asked_at IS NULL AND received_at IS NULL",
    )
)
