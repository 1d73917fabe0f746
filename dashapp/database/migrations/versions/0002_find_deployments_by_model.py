"""find the deployments of a model without reading the whole ledger"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("deployments_by_model", "deployments", ["model_id", "id"])
