"""${message}.

Why: TODO one sentence; then read every line below, and run it up, down and up again on both databases.

Locks and long statements are bounded for every migration in migrations/env.py (lock_timeout,
statement_timeout), not here. The version that is running must survive this one: add, fill, and remove only
in a later release. State the columns you touch; do not import app.store.models. Names in hand-written
operations go through op.f("ck_site_x"). `python3 dev.py freeze` lists this file; once it is merged, it is
never edited.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | None = ${repr(branch_labels)}
depends_on: str | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
