"""The steps that lead from an empty database, or an older one, to the tables of today.

`store.migrate` runs them through Alembic; a step that was released is never edited again.
May touch the schema, and rows only where a step must carry them over.
"""
