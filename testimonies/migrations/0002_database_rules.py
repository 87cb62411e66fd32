"""What PostgreSQL itself keeps true, whoever writes: versions grow, composite references hold, projections are never stale."""

from django.db import migrations

VERSIONED = (
    "person membership group source citation testimony text claim clearance codebook code collection figure samepersonlink correction"
).split()

# A second column in the reference makes it impossible to point at somebody else's row.
SAME_OWNER = (
    # (child, column, parent, shared column of the child, shared column of the parent, on delete)
    ("testimony", "membership_id", "membership", "person_id", "person_id", "SET NULL (membership_id)"),
    ("text", "translation_of_id", "text", "testimony_id", "testimony_id", "SET NULL (translation_of_id)"),
    ("code", "parent_id", "code", "codebook_id", "codebook_id", "NO ACTION"),
)

# (table, [(noun, expression over the changed row r, columns)]): which record's projections become stale when the row
# changes. With columns, an UPDATE counts only where one of them changed. Projections read these tables and no others:
# tests/projections/test_refusal.py walks them.
# A source is seen from the highest tier of the testimonies that cite it and of their persons. Whoever touches one of these
# marks the source as `cited`; whether its effective tier has moved, and with it what shows it, is known once it is locked.
CITED = (
    "(SELECT source_id, testimony_id FROM testimonies_citation "
    "UNION SELECT source_id, testimony_id FROM testimonies_claim WHERE source_id IS NOT NULL)"
)
STALE = (
    (
        "person",
        [
            ("person", "r.id"),
            (
                "cited",
                f"c.source_id FROM {CITED} c JOIN testimonies_testimony t ON t.id = c.testimony_id WHERE t.person_id = r.id",
                "tier",
            ),
        ],
    ),
    ("personname", [("person", "r.person_id")]),
    ("personexternalid", [("person", "r.person_id")]),
    ("membership", [("person", "r.person_id")]),
    ("group", [("group", "r.id")]),
    ("source", [("source", "r.id")]),
    ("sourceexternalid", [("source", "r.source_id")]),
    (
        "testimony",
        [
            ("testimony", "r.id"),
            ("cited", f"c.source_id FROM {CITED} c WHERE c.testimony_id = r.id", "tier, person_id"),
        ],
    ),
    ("testimonyexternalid", [("testimony", "r.testimony_id")]),
    ("citation", [("testimony", "r.testimony_id"), ("cited", "r.source_id", "testimony_id, source_id")]),
    ("evidence", [("testimony", "c.testimony_id FROM testimonies_citation c WHERE c.id = r.citation_id")]),
    ("consensuscode", [("testimony", "r.testimony_id")]),
    ("claim", [("testimony", "r.testimony_id"), ("cited", "r.source_id WHERE r.source_id IS NOT NULL", "testimony_id, source_id")]),
    ("text", [("testimony", "r.testimony_id")]),
    ("clearance", [("testimony", "r.testimony_id")]),
    ("collectionitem", [("testimony", "r.testimony_id")]),
    ("caselink", [("testimony", "r.testimony_id")]),
    ("collection", [("collection", "r.id")]),
    ("figure", [("figure", "r.id")]),
    ("figuresource", [("figure", "r.figure_id")]),
    ("codebook", [("codebook", "r.id")]),
    # codes name their dimension by its slug: whichever dimension comes, goes, moves or is hidden, all codes of the codebook follow
    (
        "code",
        [("code", "r.id"), ("codebook", "r.codebook_id WHERE r.parent_id IS NULL", "slug, parent_id, tier, codebook_id")],
    ),
)

REFERENCE = ("codebook", "code", "collection", "group", "region")

FUNCTIONS = """
CREATE FUNCTION testimonies_next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.changed_at := now();
  RETURN NEW;
END $$;

CREATE FUNCTION testimonies_move_reference_revision() RETURNS void LANGUAGE sql AS $$
  INSERT INTO reference_revision (id, revision) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET revision = excluded.revision
$$;

CREATE FUNCTION testimonies_next_reference_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM testimonies_move_reference_revision();
  RETURN NULL;
END $$;

-- Testimonies whose projection rows embed something of the given records.
CREATE FUNCTION testimonies_dependants(noun text, ids uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT unnest(ids) WHERE noun = 'testimony'
  UNION SELECT id FROM testimonies_testimony WHERE noun = 'person' AND person_id = ANY (ids)
  UNION SELECT testimony_id FROM testimonies_citation WHERE noun IN ('source', 'cited') AND source_id = ANY (ids)
  UNION SELECT testimony_id FROM testimonies_claim WHERE noun IN ('source', 'cited') AND source_id = ANY (ids)
  UNION SELECT t.id FROM testimonies_testimony t JOIN testimonies_membership m ON m.id = t.membership_id
        WHERE noun = 'group' AND m.group_id = ANY (ids)
  UNION SELECT testimony_id FROM testimonies_collectionitem WHERE noun = 'collection' AND collection_id = ANY (ids)
  UNION SELECT testimony_id FROM testimonies_caselink WHERE noun = 'collection' AND collection_id = ANY (ids)
  UNION SELECT testimony_id FROM testimonies_consensuscode WHERE noun = 'code' AND code_id = ANY (ids)
  UNION SELECT cc.testimony_id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
        WHERE noun = 'codebook' AND c.codebook_id = ANY (ids)
$$;

-- Shared documents that embed something of the given records, themselves included.
CREATE FUNCTION testimonies_shared_dependants(noun text, ids uuid[]) RETURNS TABLE (of_noun text, record_id uuid) LANGUAGE sql STABLE AS $$
  SELECT CASE noun WHEN 'cited' THEN 'source' ELSE noun END, unnest(ids) WHERE noun <> 'testimony'
  UNION SELECT 'person', person_id FROM testimonies_membership WHERE noun = 'group' AND group_id = ANY (ids)
  UNION SELECT 'figure', figure_id FROM testimonies_figuresource WHERE noun IN ('source', 'cited') AND source_id = ANY (ids)
  UNION SELECT 'figure', id FROM testimonies_figure WHERE noun = 'collection' AND collection_id = ANY (ids)
  UNION SELECT 'code', id FROM testimonies_code WHERE noun = 'codebook' AND codebook_id = ANY (ids)
  UNION SELECT 'code', id FROM testimonies_code WHERE noun = 'code' AND parent_id = ANY (ids)
  UNION SELECT 'collection', id FROM testimonies_collection WHERE noun = 'codebook' AND codebook_id = ANY (ids)
$$;

-- Marks what a statement made stale. Arguments: noun, expression, columns, noun, expression, columns, ...
-- A data migration sets testimonies.on_stale to 'hide': then rows hold at no time, hidden until rebuild_projections. It waits
-- for whoever else has written, and they for it.
CREATE FUNCTION testimonies_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  i int := 0;
  changed text;
  expression text;
  ids uuid[];
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    -- a snapshot of before the locks would not show what others have linked to meanwhile
    RAISE EXCEPTION 'records are written at READ COMMITTED only' USING ERRCODE = 'feature_not_supported';
  END IF;
  WHILE i < TG_NARGS LOOP
    expression := TG_ARGV[i + 1];
    changed := CASE
      WHEN TG_OP = 'INSERT' THEN 'SELECT * FROM after_rows'
      WHEN TG_OP = 'DELETE' THEN 'SELECT * FROM before_rows'
      WHEN TG_ARGV[i + 2] = '' THEN 'SELECT * FROM before_rows UNION ALL SELECT * FROM after_rows'
      ELSE format('(SELECT id, %1$s FROM before_rows EXCEPT SELECT id, %1$s FROM after_rows) UNION ALL '
                  '(SELECT id, %1$s FROM after_rows EXCEPT SELECT id, %1$s FROM before_rows)', TG_ARGV[i + 2]) END;
    EXECUTE format('SELECT array_agg(DISTINCT x) FROM (%s) r, LATERAL (SELECT %s) AS e (x)', changed, expression) INTO ids;
    IF current_setting('testimonies.on_stale', true) = 'hide' THEN
      LOCK TABLE projection_stale IN SHARE MODE;  -- who is making rows of what changes here would not know of it
      UPDATE projection_public SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(TG_ARGV[i], ids));
      UPDATE projection_partner SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(TG_ARGV[i], ids));
      UPDATE projection_restricted SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(TG_ARGV[i], ids));
      DELETE FROM projection_text WHERE testimony_id IN (SELECT testimonies_dependants(TG_ARGV[i], ids));
      UPDATE projection_shared s SET shape = 0 FROM testimonies_shared_dependants(TG_ARGV[i], ids) d
        WHERE s.noun = d.of_noun AND s.record_id = d.record_id;
      DELETE FROM projection_source_tier e USING testimonies_shared_dependants(TG_ARGV[i], ids) d
        WHERE d.of_noun = 'source' AND e.source_id = d.record_id;
      IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'testimonies_' || TG_ARGV[i] THEN  -- nothing will be rebuilt of what is no more
        DELETE FROM projection_public WHERE testimony_id = ANY (ids);
        DELETE FROM projection_partner WHERE testimony_id = ANY (ids);
        DELETE FROM projection_restricted WHERE testimony_id = ANY (ids);
        DELETE FROM projection_shared WHERE noun = TG_ARGV[i] AND record_id = ANY (ids);
      END IF;
    ELSE
      INSERT INTO projection_stale (noun, record_id) SELECT TG_ARGV[i], unnest(ids);
    END IF;
    i := i + 3;
  END LOOP;
  RETURN NULL;
END $$;

-- TRUNCATE tells nobody which rows it removes: everything goes until rebuild_projections.
CREATE FUNCTION testimonies_hide_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE projection_stale IN SHARE MODE;
  DELETE FROM projection_public;
  DELETE FROM projection_partner;
  DELETE FROM projection_restricted;
  DELETE FROM projection_text;
  DELETE FROM projection_shared;
  DELETE FROM projection_source_tier;
  RETURN NULL;
END $$;

CREATE FUNCTION testimonies_refuse_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM projection_stale WHERE id = NEW.id) THEN
    RAISE EXCEPTION 'projections of % % are stale', NEW.noun, NEW.record_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'projections_are_never_stale', TABLE = 'projection_stale',
            HINT = 'Write through testimonies.services, or call projections.refresh() before the commit.';
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
ALTER TABLE projection_stale SET UNLOGGED;  -- it is empty whenever nothing runs
CREATE CONSTRAINT TRIGGER refuse_stale AFTER INSERT ON projection_stale
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION testimonies_refuse_stale();
"""


def quoted(expression: str) -> str:
    return "'" + expression.replace("'", "''") + "'"


def statements() -> list[str]:
    sql = [FUNCTIONS, TRIGGERS]
    for name in VERSIONED:
        sql.append(
            f'CREATE TRIGGER next_version BEFORE UPDATE ON "testimonies_{name}" FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) '
            "EXECUTE FUNCTION testimonies_next_version();"
        )
    for name in REFERENCE:
        sql.append(
            f'CREATE TRIGGER next_revision AFTER INSERT OR UPDATE OR DELETE ON "testimonies_{name}" FOR EACH STATEMENT '
            "EXECUTE FUNCTION testimonies_next_reference_revision();"
        )
    for name, marks in STALE:
        arguments = ", ".join(quoted(part) for mark in marks for part in (*mark, "")[:3])
        for event, tables in (
            ("INSERT", "NEW TABLE AS after_rows"),
            ("UPDATE", "OLD TABLE AS before_rows NEW TABLE AS after_rows"),
            ("DELETE", "OLD TABLE AS before_rows"),
        ):
            sql.append(
                f'CREATE TRIGGER mark_stale_{event.lower()} AFTER {event} ON "testimonies_{name}" REFERENCING {tables} '
                f"FOR EACH STATEMENT EXECUTE FUNCTION testimonies_mark_stale({arguments});"
            )
        sql.append(
            f'CREATE TRIGGER hide_all AFTER TRUNCATE ON "testimonies_{name}" FOR EACH STATEMENT EXECUTE FUNCTION testimonies_hide_all();'
        )
    for parent, shared in sorted({(parent, shared) for _, _, parent, _, shared, _ in SAME_OWNER}):
        sql.append(f'ALTER TABLE "testimonies_{parent}" ADD CONSTRAINT {parent}_has_one_{shared} UNIQUE (id, {shared});')
    for child, column, parent, own, shared, on_delete in SAME_OWNER:
        sql.append(
            f'ALTER TABLE "testimonies_{child}" ADD CONSTRAINT {child}_{column}_has_the_same_{own} FOREIGN KEY ({column}, {own}) '
            f'REFERENCES "testimonies_{parent}" (id, {shared}) ON DELETE {on_delete} DEFERRABLE INITIALLY DEFERRED;'
        )
    return sql


def undo() -> list[str]:
    functions = "next_version next_reference_revision move_reference_revision mark_stale hide_all refuse_stale".split()
    sql = [f"DROP FUNCTION testimonies_{name}() CASCADE;" for name in functions]
    sql += ["DROP FUNCTION testimonies_dependants(text, uuid[]);", "DROP FUNCTION testimonies_shared_dependants(text, uuid[]);"]
    sql += [
        f'ALTER TABLE "testimonies_{child}" DROP CONSTRAINT {child}_{column}_has_the_same_{own};' for child, column, _, own, _, _ in SAME_OWNER
    ]
    sql += [
        f'ALTER TABLE "testimonies_{parent}" DROP CONSTRAINT {parent}_has_one_{shared};'
        for parent, shared in sorted({(parent, shared) for _, _, parent, _, shared, _ in SAME_OWNER})
    ]
    return sql


class Migration(migrations.Migration):
    dependencies = [("testimonies", "0001_records")]
    operations = [migrations.RunSQL(statements(), undo())]
