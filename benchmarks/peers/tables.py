"""Makes the peers' tables of what the product's own API says: whatever they serve, the public tier serves too."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.seed.load import start

SCHEMA = Path(__file__).with_name("schema.sql")
PAGE = 500


def make() -> None:
    start()
    # the connection that copies is not the one that the pages are read with
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer; CREATE TABLE peer.item (id uuid PRIMARY KEY, item json)"
        )
        with cursor.copy("COPY peer.item FROM STDIN") as rows:
            for item in items():
                rows.write_row((item["id"], json.dumps(item, ensure_ascii=False, separators=(",", ":"))))
        cursor.execute("ANALYZE peer.item")
        cursor.execute(SCHEMA.read_text(encoding="utf-8"))
        cursor.execute("VACUUM ANALYZE")


def items() -> Iterator[dict]:
    """The whole list, page by page."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS, settings.PUBLIC_READ = ["testserver"], True
    client, address = Client(), f"/api/v1/testimonies/?page_size={PAGE}"
    while address:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"the list answers {answer.status_code}: {answer.content[:500]!r}")
        page = answer.json()
        yield from page["results"]
        address = page["next"]


if __name__ == "__main__":
    make()
