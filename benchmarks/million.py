"""Many projection rows out of few, by SQL alone, with values as skewed as real ones: for looking at plans, not at answers.

    python -m benchmarks.million 1000000     # on a database that benchmarks/seed.py has filled; it is no use for anything else after

What the rows' columns say and what their documents say no longer agree.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE 'CREATE UNIQUE%%' AND indexname NOT LIKE '%%_do_not_overlap'"

ONE_OF = "(ARRAY[{}])[1 + floor({} * random() ^ 3)::int]"


def one_of(words: list[str]) -> str:
    """The first ones far more often than the last ones."""
    return ONE_OF.format(", ".join(f"'{word}'" for word in words), len(words))


def day(name: str, missing: float) -> dict[str, str]:
    span = f"(CASE WHEN d.{name} < {missing} THEN NULL ELSE date '2014-01-01' + floor(3650 * d.{name})::int END)"
    return {
        f"{name}_earliest": span,
        f"{name}_latest": f"{span} + (ARRAY[0, 0, 30, 364])[1 + floor(4 * random())::int]",
    }


def values(table: str, n: int) -> dict[str, str]:
    """An SQL expression for each column that is not copied from the row `b`; d holds random numbers."""
    from testimonies.models import groups, persons, sources, testimonies
    from testimonies.values.places import COUNTRIES

    staff = table.endswith("restricted")
    country = f"CASE WHEN random() < 0.3 THEN 'SY' ELSE {one_of(sorted(COUNTRIES)[:180])} END"
    source = f"(SELECT array_agg(k) FROM (SELECT floor(random() * {n} / 5)::int AS s FROM generate_series(1, 2 + 0 * g.n)) x, LATERAL unnest(ARRAY['00000000-0000-4000-8000-' || lpad(to_hex(x.s), 12, '0'), 'S-' || x.s]) k)"
    codes = "coalesce((SELECT array_agg(c.id) FROM shares c WHERE random() < c.share + 0 * g.n), '{}')"
    return {
        "testimony_id": "gen_random_uuid()",
        "updated_at": "CASE WHEN d.during < 0.03 THEN now() + interval '1 day' + d.moment * interval '2 years' ELSE now() - d.moment * interval '3 years' END",
        "during": "tstzrange(NULL, NULL)" if staff else
        "CASE WHEN d.during < 0.03 THEN tstzrange(now() + interval '1 day' + d.moment * interval '2 years', NULL) WHEN d.during < 0.07 THEN tstzrange(now() - interval '5 years', now() - interval '1 day') ELSE tstzrange(now() - interval '5 years', NULL) END",
        "uses": "CASE WHEN d.uses < 0.7 THEN '{research,summary}' WHEN d.uses < 0.9 THEN '{research}' WHEN d.uses < 0.99 THEN '{campaign,research,summary}' ELSE '{media}' END::text[]",
        "ref": "'T-' || upper(substr(md5(random()::text), 1, 8))",
        "person_id": f"('00000000-0000-4000-8000-' || lpad(to_hex(floor(random() * {n} * 0.7)::int), 12, '0'))::uuid",
        "gender": one_of(list(persons.Gender.values)),
        "nationality": country,
        "residence_before": f"CASE WHEN random() < 0.6 THEN NULL ELSE {country} END",
        "membership": one_of(list(groups.Belonging.values)),
        "collections": "CASE WHEN random() < 0.01 THEN '{bench,bench-small}' ELSE '{bench}' END::text[]",
        "codes": codes,
        "sources": source,
        "outlets": "ARRAY['synthetic outlet ' || floor(300 * random() ^ 3)::int]",
        "media": f"ARRAY[{one_of(list(sources.Medium.values))}]",
        "account_language": one_of(["ar", "en", "de", "fr", "tr", "ru", "nl", "es", "sv", "da", "fi", "ku", "so", "ur", "id"]),
        "kind": one_of(list(testimonies.Kind.values)),
        "speaking_conditions": one_of(list(testimonies.SpeakingConditions.values)),
        "given_country": f"CASE WHEN random() < 0.1 THEN NULL ELSE {country} END",
        **day("given", 0.1), **day("joined", 0.4), **day("left", 0.5),
        "credibility": one_of(["not_graded", "2", "3", "4", "1", "5", "6"]),
        "status": one_of(["published"] * 4 + ["draft", "in_review", "withdrawn"]) if staff else "'published'",
        "created_by_id": "1 + floor(50 * random())::int" if staff else "NULL",
        "is_listed": "true" if staff else "random() > 0.01",
        "title_key": "'synthetic ' || md5(random()::text)",
    }  # fmt: skip


def multiply(table: str, n: int) -> None:
    """The table's rows become n. Its indexes are made anew, which is faster than filling them."""
    from django.db import connection

    begun = time.perf_counter()
    new = values(table, n)
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '64MB'")
        cursor.execute(INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' AND column_name <> 'id' ORDER BY ordinal_position",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        # from four in ten records to one in a thousand
        cursor.execute(
            "CREATE TEMP TABLE shares AS SELECT id, 0.4 * power(0.0025, (row_number() OVER (ORDER BY slug) - 1) / 60.0) AS share FROM testimonies_code WHERE parent_id IS NOT NULL"
        )
        cursor.execute(f"CREATE TEMP TABLE base AS SELECT * FROM {table} ORDER BY id LIMIT 20000")
        cursor.execute(f"TRUNCATE {table}")
        selected = ", ".join(new.get(name, f'b."{name}"') for name in columns)
        quoted = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {selected} FROM (SELECT * FROM base LIMIT %s) b CROSS JOIN generate_series(1, %s) AS g (n), "
            "LATERAL (SELECT random() + 0 * (g.n + b.id) AS during, random() AS moment, random() AS uses, random() AS given, random() AS joined, random() AS left) d",
            [min(n, 20_000), max(1, n // 20_000)],
        )
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute(
            f"SELECT count(*), pg_size_pretty(pg_table_size('{table}')), pg_size_pretty(pg_indexes_size('{table}')) FROM {table}"
        )
        print(table, *cursor.fetchone(), f"{time.perf_counter() - begun:.0f} s")


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from testimonies.models.projections import ROWS

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda model: multiply(model._meta.db_table, int(sys.argv[1])), ROWS.values()))


if __name__ == "__main__":
    main()
