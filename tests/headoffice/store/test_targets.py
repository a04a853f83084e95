from headoffice.store.engine import driver, open_database
from headoffice.store.programmes import Target, entries_in_force, published
from tests.headoffice.store.test_lean_taps import upgrade


def test_what_was_in_force_stays_so_when_targets_come(tmp_path):
    """A database from before keeps each site's programme, and who it was for; nothing is sent anew."""
    database = open_database(tmp_path / "office.sqlite3")
    with database.write() as connection:
        upgrade(connection, "0009")
        bare = driver(connection)
        for site in (1, 2):
            bare.execute("INSERT INTO sites VALUES (?, 'site ' || ?, 'Asia/Tokyo', 1)", (site, site))
        bare.execute("INSERT INTO surveys VALUES (1, 'v1', 's', 'in_the_moment', '{}', NULL, 1)")
        bare.execute("INSERT INTO surveys VALUES (2, 'v2', 's', 'in_the_moment', '{}', NULL, 1)")
        put = "INSERT INTO programmes (site, etag, versions, published_at) VALUES (?, ?, ?, 1)"
        bare.execute(put, (1, "overtaken", '["v2"]'))
        bare.execute(put, (None, "all", '["v1"]'))
        bare.execute(put, (2, "two", '["v2", "v1"]'))
        upgrade(connection, "head")
    with database.read() as connection:
        there = {site: [each.version for each in row] for site, row in entries_in_force(connection).items()}
        assert there == {1: ["v1"], 2: ["v2", "v1"]}
        assert [each.target for each in published(connection)] == [Target((2,)), Target(), Target((1,))]
        etags = driver(connection).execute("SELECT etag FROM in_force ORDER BY site").fetchall()
        assert [etag for (etag,) in etags] == ["all", "two"]
    database.close()
