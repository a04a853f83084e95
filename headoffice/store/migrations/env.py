"""Alembic's way in: it runs this file for every command, with the connection that `store.schema` hands over.

Run by Alembic only. May touch the schema, inside the transaction that is already open.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
