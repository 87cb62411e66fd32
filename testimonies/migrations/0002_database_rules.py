"""What PostgreSQL itself keeps true, whoever writes: versions grow, composite references hold, projections are never stale."""

from django.db import migrations

VERSIONED = (
    "person membership group source citation testimony text claim clearance codebook code collection figure samepersonlink correction "
    "assignment coding decision importmapping quote campaign campaignuse measurement"
).split()

# A second column in the reference makes it impossible to point at somebody else's row.
SAME_OWNER = (
    # (child, column, parent, shared column of the child, shared column of the parent, on delete)
    ("testimony", "membership_id", "membership", "person_id", "person_id", "SET NULL (membership_id)"),
    ("text", "translation_of_id", "text", "testimony_id", "testimony_id", "SET NULL (translation_of_id)"),
    ("code", "parent_id", "code", "codebook_id", "codebook_id", "NO ACTION"),
    ("coding", "assignment_id", "assignment", "testimony_id", "testimony_id", "NO ACTION"),
    ("coding", "assignment_id", "assignment", "codebook_id", "codebook_id", "NO ACTION"),
    ("coding", "code_id", "code", "codebook_id", "codebook_id", "NO ACTION"),
    ("coding", "text_id", "text", "testimony_id", "testimony_id", "NO ACTION"),
    ("quote", "text_id", "text", "testimony_id", "testimony_id", "NO ACTION"),
    ("quote", "translation_of_id", "quote", "testimony_id", "testimony_id", "SET NULL (translation_of_id)"),
    ("usedtestimony", "quote_id", "quote", "testimony_id", "testimony_id", "SET NULL (quote_id)"),
)

# (table, [(noun, expression over the changed row r, columns, event)]): which record's projections become stale when the row
# changes. With columns, an UPDATE counts only where one of them changed; with an event, no other counts. Projections read these tables and no others:
# tests/projections/test_refusal.py walks them.
# A source is seen from the highest tier of the testimonies that cite it and of their persons. Whoever touches one of these
# marks the source as `cited` (citations and claims come and go with a testimony, and mark for themselves); whether its effective tier has moved, and with it what shows it, is known once it is locked.
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
                "UPDATE",
            ),
        ],
    ),
    ("personname", [("person", "r.person_id")]),
    ("personexternalid", [("person", "r.person_id")]),
    # of testimonies only those that tell of it: a new membership changes no other testimony of the person
    ("membership", [("member", "r.person_id"), ("testimony", "t.id FROM testimonies_testimony t WHERE t.membership_id = r.id")]),
    ("group", [("group", "r.id")]),
    ("source", [("source", "r.id")]),
    ("sourceexternalid", [("source", "r.source_id")]),
    (
        "testimony",
        [
            ("testimony", "r.id"),
            ("cited", f"c.source_id FROM {CITED} c WHERE c.testimony_id = r.id", "tier, person_id", "UPDATE"),
        ],
    ),
    ("testimonyexternalid", [("testimony", "r.testimony_id")]),
    ("citation", [("testimony", "r.testimony_id"), ("cited", "r.source_id", "testimony_id, source_id")]),
    ("evidence", [("testimony", "c.testimony_id FROM testimonies_citation c WHERE c.id = r.citation_id")]),
    ("consensuscode", [("testimony", "r.testimony_id")]),
    # while an assignment is not submitted, its codebook's consensus codes are withheld (docs/adr/0025)
    ("assignment", [("testimony", "r.testimony_id", "state <> 'submitted', testimony_id, codebook_id, coder_id")]),
    ("claim", [("testimony", "r.testimony_id"), ("cited", "r.source_id WHERE r.source_id IS NOT NULL", "testimony_id, source_id")]),
    ("text", [("testimony", "r.testimony_id")]),
    ("clearance", [("testimony", "r.testimony_id")]),
    ("collectionitem", [("testimony", "r.testimony_id")]),
    ("caselink", [("testimony", "r.testimony_id")]),
    ("collection", [("collection", "r.id")]),
    ("figure", [("figure", "r.id")]),
    ("figuresource", [("figure", "r.figure_id")]),
    ("campaign", [("campaign", "r.id")]),
    ("channel", [("campaign", "r.campaign_id")]),
    ("campaignsource", [("campaign", "r.campaign_id")]),
    ("campaignuse", [("campaignuse", "r.id")]),
    ("usesource", [("campaignuse", "r.use_id")]),
    ("measurement", [("campaignuse", "r.use_id")]),
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

-- Testimonies whose projection rows embed something of the given records. Each session plans it once: every
-- step goes by an index, however many ids there are.
CREATE FUNCTION testimonies_dependants(noun text, ids uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF noun = 'testimony' THEN
    RETURN QUERY SELECT unnest(ids);
  ELSIF noun = 'person' THEN
    RETURN QUERY SELECT id FROM testimonies_testimony WHERE person_id = ANY (ids);
  ELSIF noun IN ('source', 'cited') THEN
    RETURN QUERY SELECT testimony_id FROM testimonies_citation WHERE source_id = ANY (ids)
      UNION SELECT testimony_id FROM testimonies_claim WHERE source_id = ANY (ids);
  ELSIF noun = 'group' THEN
    RETURN QUERY SELECT t.id FROM testimonies_testimony t JOIN testimonies_membership m ON m.id = t.membership_id
      WHERE m.group_id = ANY (ids);
  ELSIF noun = 'collection' THEN
    RETURN QUERY SELECT testimony_id FROM testimonies_collectionitem WHERE collection_id = ANY (ids)
      UNION SELECT testimony_id FROM testimonies_caselink WHERE collection_id = ANY (ids);
  ELSIF noun = 'code' THEN
    RETURN QUERY SELECT DISTINCT testimony_id FROM testimonies_consensuscode WHERE code_id = ANY (ids);
  ELSIF noun = 'codebook' THEN
    RETURN QUERY SELECT DISTINCT cc.testimony_id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      WHERE c.codebook_id = ANY (ids);
  END IF;
END $$;

-- Shared documents that embed something of the given records, themselves included.
CREATE FUNCTION testimonies_shared_dependants(noun text, ids uuid[]) RETURNS TABLE (of_noun text, record_id uuid) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF noun <> 'testimony' THEN
    RETURN QUERY SELECT CASE noun WHEN 'cited' THEN 'source' WHEN 'member' THEN 'person' ELSE noun END, unnest(ids);
  END IF;
  IF noun = 'group' THEN
    RETURN QUERY SELECT DISTINCT 'person', person_id FROM testimonies_membership WHERE group_id = ANY (ids);
  ELSIF noun IN ('source', 'cited') THEN
    RETURN QUERY SELECT DISTINCT 'figure', figure_id FROM testimonies_figuresource WHERE source_id = ANY (ids)
      UNION SELECT 'campaign', campaign_id FROM testimonies_campaignsource WHERE source_id = ANY (ids)
      UNION SELECT 'campaignuse', use_id FROM testimonies_usesource WHERE source_id = ANY (ids)
      UNION SELECT 'campaignuse', use_id FROM testimonies_measurement WHERE source_id = ANY (ids);
  ELSIF noun = 'campaign' THEN
    RETURN QUERY SELECT 'campaignuse', id FROM testimonies_campaignuse WHERE campaign_id = ANY (ids);
  ELSIF noun = 'collection' THEN
    RETURN QUERY SELECT 'figure', id FROM testimonies_figure WHERE collection_id = ANY (ids);
  ELSIF noun = 'codebook' THEN
    RETURN QUERY SELECT 'code', id FROM testimonies_code WHERE codebook_id = ANY (ids)
      UNION ALL SELECT 'collection', id FROM testimonies_collection WHERE codebook_id = ANY (ids);
  ELSIF noun = 'code' THEN
    RETURN QUERY SELECT 'code', id FROM testimonies_code WHERE parent_id = ANY (ids);
  END IF;
END $$;

-- What the rows of the given records are made of, beside themselves: kinds and ids, side by side.
CREATE FUNCTION testimonies_parts(nouns text[], ids uuid[]) RETURNS TABLE (of_noun text, record_id uuid) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  testimonies uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'testimony');
  persons uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'person');
  figures uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'figure');
  collections uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'collection');
  codes uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'code');
  campaigns uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'campaign');
  uses uuid[] := ARRAY(SELECT i FROM unnest(nouns, ids) AS given (n, i) WHERE n = 'campaignuse');
BEGIN
  IF testimonies <> '{}' THEN
    RETURN QUERY SELECT DISTINCT 'person', person_id FROM testimonies_testimony WHERE id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'group', m.group_id FROM testimonies_testimony t JOIN testimonies_membership m ON m.id = t.membership_id WHERE t.id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'source', source_id FROM testimonies_citation WHERE testimony_id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'source', source_id FROM testimonies_claim WHERE testimony_id = ANY (testimonies) AND source_id IS NOT NULL;
    RETURN QUERY SELECT DISTINCT 'collection', collection_id FROM testimonies_collectionitem WHERE testimony_id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'collection', collection_id FROM testimonies_caselink WHERE testimony_id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'code', code_id FROM testimonies_consensuscode WHERE testimony_id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'code', d.id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      JOIN testimonies_code d ON d.codebook_id = c.codebook_id AND d.slug = c.dimension WHERE cc.testimony_id = ANY (testimonies);
    RETURN QUERY SELECT DISTINCT 'codebook', c.codebook_id FROM testimonies_consensuscode cc JOIN testimonies_code c ON c.id = cc.code_id
      WHERE cc.testimony_id = ANY (testimonies);
  END IF;
  IF persons <> '{}' THEN
    RETURN QUERY SELECT DISTINCT 'group', group_id FROM testimonies_membership WHERE person_id = ANY (persons);
  END IF;
  IF figures <> '{}' THEN
    RETURN QUERY SELECT 'source', source_id FROM testimonies_figuresource WHERE figure_id = ANY (figures)
      UNION SELECT 'collection', collection_id FROM testimonies_figure WHERE id = ANY (figures);
  END IF;
  IF campaigns <> '{}' THEN
    RETURN QUERY SELECT DISTINCT 'source', source_id FROM testimonies_campaignsource WHERE campaign_id = ANY (campaigns);
  END IF;
  IF uses <> '{}' THEN
    RETURN QUERY SELECT 'source', source_id FROM testimonies_usesource WHERE use_id = ANY (uses)
      UNION SELECT 'source', source_id FROM testimonies_measurement WHERE use_id = ANY (uses) AND source_id IS NOT NULL
      UNION SELECT 'campaign', campaign_id FROM testimonies_campaignuse WHERE id = ANY (uses);
  END IF;
  IF collections <> '{}' THEN
    RETURN QUERY SELECT DISTINCT 'codebook', codebook_id FROM testimonies_collection WHERE id = ANY (collections) AND codebook_id IS NOT NULL;
  END IF;
  IF codes <> '{}' THEN
    RETURN QUERY SELECT 'codebook', codebook_id FROM testimonies_code WHERE id = ANY (codes)
      UNION SELECT 'code', parent_id FROM testimonies_code WHERE id = ANY (codes) AND parent_id IS NOT NULL;
  END IF;
END $$;

-- All records whose rows embed something of the marked ones, and, as parts, what those rows are made of beside themselves.
CREATE FUNCTION testimonies_reached(nouns text[], ids uuid[]) RETURNS TABLE (is_part boolean, of_noun text, record_id uuid)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  mark record;
  found_nouns text[];
  found_ids uuid[];
  all_nouns text[] := '{}';
  all_ids uuid[] := '{}';
BEGIN
  FOR mark IN SELECT n AS noun, array_agg(i) AS ids FROM unnest(nouns, ids) AS given (n, i) GROUP BY n LOOP
    SELECT array_agg('testimony'::text), array_agg(d) INTO found_nouns, found_ids FROM testimonies_dependants(mark.noun, mark.ids) AS d;
    all_nouns := all_nouns || found_nouns;
    all_ids := all_ids || found_ids;
    SELECT array_agg(d.of_noun), array_agg(d.record_id) INTO found_nouns, found_ids FROM testimonies_shared_dependants(mark.noun, mark.ids) AS d;
    all_nouns := all_nouns || found_nouns;
    all_ids := all_ids || found_ids;
  END LOOP;
  RETURN QUERY SELECT false, n, i FROM unnest(all_nouns, all_ids) AS given (n, i);
  RETURN QUERY SELECT true, p.of_noun, p.record_id FROM testimonies_parts(all_nouns, all_ids) AS p;
END $$;

-- Marks records as stale; is_gone: a statement removed themselves. A data migration sets testimonies.on_stale to 'hide': then
-- rows hold at no time, hidden until rebuild_projections. It waits
-- for whoever else has written, and they for it.
CREATE FUNCTION testimonies_mark(noun text, ids uuid[], is_gone boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    -- a snapshot of before the locks would not show what others have linked to meanwhile
    RAISE EXCEPTION 'records are written at READ COMMITTED only' USING ERRCODE = 'feature_not_supported';
  END IF;
  IF current_setting('testimonies.on_stale', true) = 'hide' THEN
    LOCK TABLE projection_stale IN SHARE MODE;  -- who is making rows of what changes here would not know of it
    UPDATE projection_public SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(noun, ids));
    UPDATE projection_partner SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(noun, ids));
    UPDATE projection_restricted SET during = 'empty', shape = 0 WHERE testimony_id IN (SELECT testimonies_dependants(noun, ids));
    DELETE FROM projection_text WHERE testimony_id IN (SELECT testimonies_dependants(noun, ids));
    UPDATE projection_showing SET stamp = 0 WHERE gone_in IS NULL AND testimony_id IN (SELECT testimonies_dependants(noun, ids));
    UPDATE projection_shared s SET shape = 0 FROM testimonies_shared_dependants(testimonies_mark.noun, ids) d
      WHERE s.noun = d.of_noun AND s.record_id = d.record_id;
    DELETE FROM projection_source_tier e USING testimonies_shared_dependants(noun, ids) d
      WHERE d.of_noun = 'source' AND e.source_id = d.record_id;
    IF is_gone THEN  -- nothing will be rebuilt of what is no more
      DELETE FROM projection_public WHERE testimony_id = ANY (ids);
      DELETE FROM projection_partner WHERE testimony_id = ANY (ids);
      DELETE FROM projection_restricted WHERE testimony_id = ANY (ids);
      UPDATE projection_showing SET gone_in = pg_current_xact_id(), gone_at = now() WHERE gone_in IS NULL AND testimony_id = ANY (ids);
      DELETE FROM projection_shared s WHERE s.noun = testimonies_mark.noun AND record_id = ANY (ids);
    END IF;
  ELSIF ids <> '{}' THEN
    INSERT INTO projection_stale (noun, record_ids) VALUES (noun, ids);
  END IF;
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
  UPDATE projection_showing SET stamp = 0 WHERE gone_in IS NULL;
  UPDATE projection_showing s SET gone_in = pg_current_xact_id(), gone_at = now()
    WHERE gone_in IS NULL AND NOT EXISTS (SELECT FROM testimonies_testimony t WHERE t.id = s.testimony_id);
  RETURN NULL;
END $$;

CREATE FUNCTION testimonies_refuse_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM projection_stale WHERE id = NEW.id) THEN
    RAISE EXCEPTION 'projections of % % are stale', NEW.noun, NEW.record_ids[1]
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'projections_are_never_stale', TABLE = 'projection_stale',
            HINT = 'Write through testimonies.services, or call projections.refresh() before the commit.';
  END IF;
  RETURN NULL;
END $$;

-- A published version says when, and from the end of the transaction that published it nothing of it changes: neither the
-- version, nor its codes, nor where they come from. now() is when a transaction began: whoever published at another moment
-- is another one. A data migration may (testimonies.on_stale = 'hide').
CREATE FUNCTION testimonies_freeze_codebook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.published_at <> now() AND NEW IS DISTINCT FROM OLD
     AND current_setting('testimonies.on_stale', true) IS DISTINCT FROM 'hide' THEN
    RAISE EXCEPTION 'codebook version % is published', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'published_codebooks_are_frozen', TABLE = TG_TABLE_NAME;
  ELSIF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.published_at := CASE WHEN NEW.status <> 'published' THEN NULL
                           WHEN TG_OP = 'UPDATE' THEN coalesce(OLD.published_at, now()) ELSE now() END;
  RETURN NEW;
END $$;

-- Argument: which codebook a row belongs to, as an expression over the changed row r.
CREATE FUNCTION testimonies_freeze_codes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before uuid;
  after uuid;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    EXECUTE format('SELECT %s FROM (SELECT $1.*) r', TG_ARGV[0]) INTO before USING OLD;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE format('SELECT %s FROM (SELECT $1.*) r', TG_ARGV[0]) INTO after USING NEW;
  END IF;
  -- who publishes meanwhile is waited for, and seen
  PERFORM FROM testimonies_codebook WHERE id IN (before, after) FOR SHARE;
  IF EXISTS (SELECT FROM testimonies_codebook WHERE id IN (before, after) AND published_at <> now())
     AND NEW IS DISTINCT FROM OLD AND current_setting('testimonies.on_stale', true) IS DISTINCT FROM 'hide' THEN
    RAISE EXCEPTION 'codebook version % is published', coalesce(before, after)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'codes_of_published_codebooks_are_frozen', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

CREATE FUNCTION testimonies_check_code_origin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM testimonies_codeorigin WHERE id = NEW.id)  -- it may be gone by now
     AND NOT EXISTS (SELECT FROM testimonies_code c JOIN testimonies_codebook b ON b.id = c.codebook_id
                 JOIN testimonies_code o ON o.codebook_id = b.follows_id WHERE c.id = NEW.code_id AND o.id = NEW.origin_id) THEN
    RAISE EXCEPTION 'code % is not of the version before', NEW.origin_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'code_comes_from_the_version_before', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
ALTER TABLE projection_stale SET UNLOGGED;  -- it is empty whenever nothing runs
CREATE CONSTRAINT TRIGGER refuse_stale AFTER INSERT ON projection_stale
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION testimonies_refuse_stale();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON testimonies_codebook
  FOR EACH ROW EXECUTE FUNCTION testimonies_freeze_codebook();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON testimonies_code
  FOR EACH ROW EXECUTE FUNCTION testimonies_freeze_codes('r.codebook_id');
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON testimonies_codeorigin
  FOR EACH ROW EXECUTE FUNCTION testimonies_freeze_codes('(SELECT c.codebook_id FROM testimonies_code c WHERE c.id = r.code_id)');
CREATE CONSTRAINT TRIGGER check_origin AFTER INSERT OR UPDATE ON testimonies_codeorigin
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION testimonies_check_code_origin();
"""


CHANGED = {
    "INSERT": "SELECT * FROM after_rows",
    "UPDATE": "SELECT * FROM before_rows UNION ALL SELECT * FROM after_rows",
    "DELETE": "SELECT * FROM before_rows",
}
CHANGED_COLUMNS = (
    "(SELECT id, {0} FROM before_rows EXCEPT SELECT id, {0} FROM after_rows) UNION ALL "
    "(SELECT id, {0} FROM after_rows EXCEPT SELECT id, {0} FROM before_rows)"
)
"""Of an UPDATE: rows of which one of the columns changed."""


def marking(table: str, event: str, marks: list) -> str:
    """The trigger function that marks what a statement on the table makes stale. Each session plans its statements once."""
    steps = []
    for noun, expression, columns in marks:
        changed = CHANGED_COLUMNS.format(columns) if event == "UPDATE" and columns else CHANGED[event]
        is_gone = str(event == "DELETE" and noun == table).lower()
        steps.append(
            f"PERFORM testimonies_mark('{noun}', ARRAY(SELECT DISTINCT x FROM ({changed}) AS r, LATERAL (SELECT {expression}) AS e (x)), {is_gone});"
        )
    return (
        f"CREATE FUNCTION testimonies_mark_{table}_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n  " + "\n  ".join(steps) + "\n  RETURN NULL;\nEND $$;"
    )


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
        for event, tables in (
            ("INSERT", "NEW TABLE AS after_rows"),
            ("UPDATE", "OLD TABLE AS before_rows NEW TABLE AS after_rows"),
            ("DELETE", "OLD TABLE AS before_rows"),
        ):
            counted = [(*mark, "")[:3] for mark in marks if len(mark) < 4 or mark[3] == event]
            sql.append(marking(name, event, counted))
            sql.append(
                f'CREATE TRIGGER mark_stale_{event.lower()} AFTER {event} ON "testimonies_{name}" REFERENCING {tables} '
                f"FOR EACH STATEMENT EXECUTE FUNCTION testimonies_mark_{name}_{event.lower()}();"
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


# How projection rows lie, and the indexes that read them which Django's models cannot say (docs/adr/0021).
PROJECTIONS = ("projection_public", "projection_partner", "projection_restricted")
FACETS = (
    "gender nationality residence_before group membership collections codebooks codes sources outlets media account_language kind "
    "speaking_conditions given_country credibility status permits"
).split()
NULLABLE = ("given", "joined", "left")


def reading() -> list[str]:
    sql = [
        "CREATE EXTENSION IF NOT EXISTS btree_gin;",
        # a search collects the testimonies of all texts that match: without bodies and vectors between them, 65 lie on a page, not 5
        "ALTER TABLE projection_text SET (toast_tuple_target = 128);",
    ]
    facets = ", ".join(f'"{name}"' for name in FACETS)
    for table in PROJECTIONS:
        # items stay in their rows as they are: fetching fifty from elsewhere and unpacking them costs more than finding them
        sql.append(f"ALTER TABLE {table} SET (toast_tuple_target = 4080), ALTER item SET STORAGE MAIN;")
        # one index for any combination of facets: each has its own keys in it, and lists of rows are intersected there
        sql.append(f"CREATE INDEX {table}_facets ON {table} USING gin ({facets});")
        # what is missing comes last in either direction (selectors/pages.py)
        for name in NULLABLE:
            sql.append(f"CREATE INDEX {table}_{name}_latest ON {table} ({name}_latest);")
            for way, last in (("up", "infinity"), ("down", "-infinity")):
                sql.append(
                    f"CREATE INDEX {table}_{name}_{way} ON {table} (coalesce({name}_earliest, '{last}'::date), testimony_id);"
                )
    return sql


def unread() -> list[str]:
    names = ["facets", *(f"{name}_{way}" for name in NULLABLE for way in ("up", "down", "latest"))]
    return [f"DROP INDEX {table}_{name};" for table in PROJECTIONS for name in names]


def undo() -> list[str]:
    functions = "next_version next_reference_revision move_reference_revision hide_all refuse_stale freeze_codebook freeze_codes check_code_origin".split()
    functions += [f"mark_{name}_{event}" for name, _ in STALE for event in ("insert", "update", "delete")]
    sql = [f"DROP FUNCTION testimonies_{name}() CASCADE;" for name in functions]
    sql.append("DROP FUNCTION testimonies_mark(text, uuid[], boolean);")
    sql += [f"DROP FUNCTION testimonies_{name}(text, uuid[]);" for name in ("dependants", "shared_dependants")]
    sql += [f"DROP FUNCTION testimonies_{name}(text[], uuid[]);" for name in ("parts", "reached")]
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
    operations = [migrations.RunSQL(statements(), undo()), migrations.RunSQL(reading(), unread())]
