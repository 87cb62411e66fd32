-- The peers' tables, in a schema of their own: the same rows and values as the product's public list, keys, constraints and the
-- indexes that somebody careful would make. Rows that the public does not see are there too, to be filtered. `item` holds the
-- list's items (id, item), as tables.py read them from the product's API.
SET search_path = peer;

CREATE TABLE api_key (key text PRIMARY KEY, name text NOT NULL, is_active boolean NOT NULL);
INSERT INTO api_key VALUES ('benchmark', 'benchmark', true);

CREATE TABLE person AS
SELECT id, ref, coalesce(nullif(name, ''), 'unnamed') AS name, name_kind, gender, nationality, residence_before, origin_stated
FROM public.testimonies_person;
CREATE TABLE source AS
SELECT id, ref, outlet, title, url, published, medium, reliability FROM public.testimonies_source;
CREATE TABLE code AS
SELECT c.id, b.slug AS codebook, b.edition AS version, c.dimension, c.slug, c.position
FROM public.testimonies_code c JOIN public.testimonies_codebook b ON b.id = c.codebook_id;
CREATE TABLE collection AS SELECT id, slug FROM public.testimonies_collection;
CREATE TABLE "group" AS SELECT slug FROM public.testimonies_group;

CREATE TABLE testimony AS
SELECT t.id, t.ref, t.person_id, coalesce((p.item ->> 'updated_at')::timestamptz, t.changed_at) AS updated_at, t.title, t.summary, t.summary_language, t.kind,
  t.speaking_conditions, t.account_language, t.given, t.given_earliest, t.given_latest, t.given_country,
  CASE WHEN p.id IS NULL THEN t.age_from ELSE (p.item ->> 'age_from')::smallint END AS age_from,
  CASE WHEN p.id IS NULL THEN t.age_to ELSE (p.item ->> 'age_to')::smallint END AS age_to,
  g.slug AS "group", coalesce(m.belonging, 'not_known') AS membership, coalesce(m.role_in_group, '') AS role_in_group,
  m.joined, m.joined_earliest, m.joined_latest, m."left", m.left_earliest, m.left_latest,
  t.coding_status, t.credibility, t.content_warnings::text[] AS content_warnings, ARRAY(SELECT json_array_elements_text(p.item -> 'cleared_for')) AS cleared_for, t.status, t.tier,
  setweight(to_tsvector('english', t.title), 'A') || setweight(to_tsvector('english', t.summary), 'B')
    || setweight(to_tsvector('english', coalesce((SELECT string_agg(x.body, ' ') FROM public.testimonies_text x WHERE x.testimony_id = t.id), '')), 'C')
    AS search
FROM public.testimonies_testimony t
LEFT JOIN public.testimonies_membership m ON m.id = t.membership_id
LEFT JOIN public.testimonies_group g ON g.id = m.group_id
LEFT JOIN item p ON p.id = t.id;

CREATE TABLE text AS
SELECT id, testimony_id, language, kind, translation_of_id, body, position FROM public.testimonies_text;
CREATE TABLE citation AS
SELECT id, testimony_id, source_id, relation, locator, position FROM public.testimonies_citation;
CREATE TABLE testimony_code AS SELECT id, testimony_id, code_id FROM public.testimonies_consensuscode;
CREATE TABLE testimony_collection AS SELECT id, testimony_id, collection_id FROM public.testimonies_collectionitem;

-- one ready document per testimony beside its filter columns, for the floor
CREATE TABLE stored AS
SELECT id, '-infinity'::timestamptz AS visible_from, 'infinity'::timestamptz AS visible_until, (item ->> 'updated_at')::timestamptz AS updated_at,
  item #>> '{person,nationality}' AS nationality, (item ->> 'given_earliest')::date AS given_earliest, (item ->> 'given_latest')::date AS given_latest,
  ARRAY(SELECT code ->> 'slug' FROM json_array_elements(item -> 'codes') code) AS codes, item::text AS item
FROM item;

ALTER TABLE person ADD PRIMARY KEY (id), ADD UNIQUE (ref), ALTER name SET NOT NULL, ALTER gender SET NOT NULL;
ALTER TABLE source ADD PRIMARY KEY (id), ADD UNIQUE (ref);
ALTER TABLE code ADD PRIMARY KEY (id), ADD UNIQUE (codebook, version, slug);
ALTER TABLE collection ADD PRIMARY KEY (id), ADD UNIQUE (slug);
ALTER TABLE "group" ADD PRIMARY KEY (slug);
ALTER TABLE testimony ADD PRIMARY KEY (id), ADD UNIQUE (ref), ADD FOREIGN KEY (person_id) REFERENCES person, ALTER person_id SET NOT NULL,
  ADD FOREIGN KEY ("group") REFERENCES "group", ADD CHECK (title <> ''), ADD CHECK (age_from <= age_to), ADD CHECK (given_earliest <= given_latest),
  ADD CHECK (status IN ('draft', 'in_review', 'published', 'withdrawn')), ALTER updated_at SET DEFAULT now(), ALTER updated_at SET NOT NULL;
ALTER TABLE text ADD PRIMARY KEY (id), ADD FOREIGN KEY (testimony_id) REFERENCES testimony ON DELETE CASCADE, ADD CHECK (body <> '');
ALTER TABLE citation ADD PRIMARY KEY (id), ADD FOREIGN KEY (testimony_id) REFERENCES testimony ON DELETE CASCADE, ADD FOREIGN KEY (source_id) REFERENCES source,
  ADD UNIQUE (testimony_id, source_id, relation, locator);
ALTER TABLE testimony_code ADD PRIMARY KEY (id), ADD FOREIGN KEY (testimony_id) REFERENCES testimony ON DELETE CASCADE, ADD FOREIGN KEY (code_id) REFERENCES code,
  ADD UNIQUE (testimony_id, code_id);
ALTER TABLE testimony_collection ADD PRIMARY KEY (id), ADD FOREIGN KEY (testimony_id) REFERENCES testimony ON DELETE CASCADE,
  ADD FOREIGN KEY (collection_id) REFERENCES collection, ADD UNIQUE (testimony_id, collection_id);
ALTER TABLE testimony_code ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 1000000000);
ALTER TABLE testimony_collection ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 1000000000);
ALTER TABLE stored ADD PRIMARY KEY (id);

CREATE INDEX ON person (nationality);
CREATE INDEX ON testimony (status, tier, updated_at DESC, id DESC);
CREATE INDEX ON testimony (person_id);
CREATE INDEX ON testimony (given_earliest);
CREATE INDEX ON testimony USING gin (search);
CREATE INDEX ON text (testimony_id);
CREATE INDEX ON citation (source_id);
CREATE INDEX ON testimony_code (code_id, testimony_id);
CREATE INDEX ON testimony_collection (collection_id);
CREATE INDEX ON stored (updated_at DESC, id DESC);
CREATE INDEX ON stored (nationality, updated_at DESC, id DESC);
CREATE INDEX ON stored USING gin (codes);
CREATE TRIGGER search BEFORE INSERT OR UPDATE ON testimony FOR EACH ROW
  EXECUTE FUNCTION tsvector_update_trigger(search, 'pg_catalog.english', title, summary);
DROP TABLE item;
RESET search_path;
