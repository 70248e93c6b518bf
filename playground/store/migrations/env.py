"""What Alembic runs: the steps, on the connection and in the transaction that it was handed.

Nothing is named by a convention here: a step says itself what its keys are called.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
