"""What the history's triggers need beside themselves (docs/adr/0010): the moment of an act, and what TRUNCATE removes."""

from django.db import migrations

KEPT = (
    "person personname personexternalid samepersonlink group membership source sourceexternalid testimony testimonyexternalid "
    "consensuscode text claim clearance citation evidence collectionitem caselink collection figure figuresource codebook code codeorigin region "
    "assignment coding decision decidedcode settledcoding "
    "quote campaign channel campaignsource campaignuse usesource usedtestimony measurement"
).split()

FUNCTIONS = """
-- One moment for all events of an act: that of its first write. By then it holds its locks, so moments are in the order in
-- which acts had a row. services/acts.py begins a new one with each act; a transaction ends with its own.
CREATE FUNCTION testimonies_moment() RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  moment text := current_setting('testimonies.moment', true);
BEGIN
  IF moment IS NULL OR moment = '' THEN
    moment := set_config('testimonies.moment', clock_timestamp()::text, true);
  END IF;
  RETURN moment::timestamptz;
END $$;

-- TRUNCATE fires no trigger for a row: every row is noted as deleted before it goes.
CREATE FUNCTION testimonies_record_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  columns text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                   WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped);
BEGIN
  EXECUTE format(
    'INSERT INTO %1$I (%2$s, pgh_obj_id, pgh_label, pgh_created_at, pgh_context) '
    'SELECT %2$s, %3$I, ''delete'', testimonies_moment(), nullif(current_setting(''pghistory.context_metadata'', true), '''')::jsonb FROM %4$I',
    TG_TABLE_NAME || 'event', columns, TG_ARGV[0], TG_TABLE_NAME);
  RETURN NULL;
END $$;

-- Statement triggers of pghistory ask it for the id of a row of context. Ours hold the context themselves. As it comes, the function
-- fails and recovers wherever nobody has set one, in a time that grows with the foreign keys that the transaction has yet to check.
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS pghistory_context.id%TYPE LANGUAGE sql IMMUTABLE AS 'SELECT NULL::uuid';
"""


def statements() -> list[str]:
    return [FUNCTIONS] + [
        f'CREATE TRIGGER record_truncate BEFORE TRUNCATE ON "testimonies_{name}" FOR EACH STATEMENT '
        f"EXECUTE FUNCTION testimonies_record_truncate('{'slug' if name == 'region' else 'id'}');"
        for name in KEPT
    ]


UNDO = ["DROP FUNCTION testimonies_record_truncate() CASCADE;", "DROP FUNCTION testimonies_moment();"]


class Migration(migrations.Migration):
    dependencies = [("testimonies", "0003_search_configurations"), ("pghistory", "0007_auto_20250421_0444")]
    operations = [migrations.RunSQL(statements(), UNDO)]
