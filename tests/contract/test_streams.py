"""Files over real HTTP: they come as they are made, hold up nobody, and end when their reader goes away."""

import socket
import time
from copy import copy
from uuid import uuid4

import httpx
import pytest
from django.db import connection

from testimonies.models import Export
from testimonies.models.projections import PartnerTestimony
from tests.contract.conftest import serving
from tests.factories import make_key

URL = "/api/v1/testimonies/?format=ndjson"
WHY = {"Export-Purpose": "Invented: to read some of it."}
ROWS, SIZE = 2_000, 30_000
"""60 MB: far more than lies on the way between server and reader."""


@pytest.fixture
def server(transactional_db, collections):
    """The service with rows whose documents are large, and headers of a key that reads them."""
    row = PartnerTestimony.objects.order_by("id").first()
    item = row.item[:-1] + ',"padding":"' + "x" * SIZE + '"}'
    made = []
    for _ in range(ROWS):
        alike = copy(row)
        alike.pk, alike.testimony_id, alike.item = None, uuid4(), item
        made.append(alike)
    PartnerTestimony.objects.bulk_create(made, batch_size=200)
    _, secret = make_key()
    with serving(EXPORTS_AT_ONCE="2") as address:
        yield address, {**WHY, "Authorization": f"Bearer {secret}"}


def reading(address, headers, path=URL):
    """A connection on which an answer has begun to arrive."""
    host, port = address.removeprefix("http://").split(":")
    stream = socket.create_connection((host, int(port)))
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    stream.sendall("\r\n".join([*lines, "", ""]).encode())
    assert stream.recv(1_000).startswith(b"HTTP/1.1 200")
    return stream


def states():
    return list(Export.objects.order_by("at").values_list("state", flat=True))


def at_work():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND (state <> 'idle' OR xact_start IS NOT NULL)"
        )
        return cursor.fetchone()[0]


def wait_for(condition):
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_whoever_goes_away_frees_the_connection(server):
    address, headers = server
    stream = reading(address, headers)
    wait_for(lambda: at_work() == 1)
    assert states() == ["running"]
    # others are answered meanwhile, and the same caller is told to wait
    pages = httpx.get(f"{address}/api/v1/persons/", headers=headers)
    assert pages.status_code == 200
    another = httpx.get(address + URL, headers=headers)
    assert (another.status_code, another.json()["code"], another.headers["Retry-After"]) == (
        429,
        "too_many_exports",
        "10",
    )
    stream.close()
    wait_for(lambda: states() == ["abandoned"])
    wait_for(lambda: at_work() == 0)
    assert Export.objects.order_by("at").first().n_records < ROWS
    whole = httpx.get(address + URL, headers=headers, timeout=60)
    assert whole.content.count(b"\n") >= ROWS
    wait_for(lambda: states()[-1] == "finished")


def test_what_is_compressed_comes_as_it_is_made(server):
    address, headers = server
    with httpx.stream("GET", address + URL, headers={**headers, "Accept-Encoding": "gzip"}, timeout=60) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert "Content-Length" not in response.headers
        size = sum(len(piece) for piece in response.iter_bytes())
    assert size > ROWS * SIZE
