"""The feed's lanes: which ledger goes into which, and by which number a lane's own row is kept.

Used by `ledgers`, `feed` and the migrations. May touch nothing.
PostgreSQL has 64 lanes; SQLite has one writer, so lane 0 alone.

A lane's row is locked while a group commits, so a lane must lie where its ledgers do. A sharded PostgreSQL
(Citus) cuts the range of a number's hash into equal parts, one a shard. So do the lanes, with the same hash:
where shards are a power of two, up to 64, every lane lies within one. Its row is kept by a ledger number that
no ledger has, because it is below zero, but whose hash falls into that lane.
"""

LANE_OF = "((hashint8({ledger}) + 2147483648) >> 26)::smallint"

# The highest number below zero of each lane, from lane 0 on.
KEYS = (
    *(-6, -24, -118, -28, -56, -48, -52, -12, -14, -136, -54, -29, -20, -2, -78, -95),
    *(-3, -92, -46, -259, -47, -82, -15, -18, -42, -80, -19, -72, -119, -65, -7, -161),
    *(-62, -9, -4, -111, -35, -1, -140, -124, -60, -33, -107, -98, -81, -116, -16, -63),
    *(-122, -39, -88, -106, -49, -5, -13, -96, -152, -8, -108, -27, -10, -93, -34, -32),
)
