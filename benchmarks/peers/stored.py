"""The floor of stored documents: no framework, no key, one prepared statement, the documents joined."""

import os
import threading
from urllib.parse import parse_qs

import psycopg

local = threading.local()
VISIBLE = "visible_from <= now() AND visible_until > now()"
NEWEST = "ORDER BY updated_at DESC, id DESC LIMIT 50"
LIST = f"SELECT item, id FROM peer.stored WHERE {VISIBLE} {NEWEST}"
AFTER = f"SELECT item, id FROM peer.stored WHERE {VISIBLE} AND (updated_at, id) < (%(at)s::timestamptz, %(after)s::uuid) {NEWEST}"
FILTER = (
    f"SELECT item, id FROM peer.stored WHERE {VISIBLE} AND nationality = %(nationality)s AND codes @> ARRAY[%(code)s] "
    f"AND given_latest >= %(given_after)s::date AND given_earliest <= %(given_before)s::date {NEWEST}"
)


def rows(statement, parameters=None, *, prepare=True):
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(
            os.environ["DATABASE_URL"],
            autocommit=True,
            prepare_threshold=1000,
            options="-c max_parallel_workers_per_gather=0",
        )
    return local.connection.execute(statement, parameters, binary=True, prepare=prepare).fetchall()


def application(environ, start):
    asked = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING") or "").items()}
    if "after" in asked:
        found = rows(AFTER, asked)
    elif asked:
        found = rows(FILTER, asked, prepare=False)
    else:
        found = rows(LIST)
    following = f'"{found[-1][1]}"' if found else "null"
    body = f'{{"next":{following},"results":[{",".join(row[0] for row in found)}]}}'.encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
