"""The product's keys for a run: one that reads what is public, one that writes."""

import json
import sys

from benchmarks.seed.load import start


def make() -> dict[str, str]:
    """In DATABASE_URL."""
    start()
    from testimonies.models import ApiKey, User

    editor = User.objects.get_or_create(username="bench", defaults={"role": "editor"})[0]
    ApiKey.objects.filter(name__in=["bench", "bench-writes"]).delete()
    reads, writes = ApiKey.new_secret(), ApiKey.new_secret()
    ApiKey.objects.create(name="bench", digest=ApiKey.digest_of(reads), role="reader", tier=0)
    ApiKey.objects.create(name="bench-writes", digest=ApiKey.digest_of(writes), role="editor", tier=2, user=editor)
    return {"reads": reads, "writes": writes}


if __name__ == "__main__":
    json.dump(make(), sys.stdout)
