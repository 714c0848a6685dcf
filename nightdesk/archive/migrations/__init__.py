"""The migrations, oldest first.  A new one is a file in `versions/` and its name at the end here.

`python -m nightdesk.archive.migrations NAME` writes its first draft from what the tables differ by.
"""

REVISIONS: tuple[str, ...] = (
    "0001_first",
    "0002_rarities",
    "0003_boilerplate",
    "0004_hub_subscriptions",
    "0005_hosts",
    "0006_telling",
    "0007_developments",
    "0008_left_alone",
)
"""Names of all revisions, oldest first: known without importing alembic."""
