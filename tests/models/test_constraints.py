"""Every rule that PostgreSQL keeps is broken once, and refuses by its name."""

import json
import re

import pytest
from django.apps import apps
from django.db import connection

from testimonies import models
from tests.projections.world import copying


def to(table, row, change):
    return lambda world: f'UPDATE "testimonies_{table}" SET {change} WHERE id = {{{row}}}'


def again(table, row, **differing):
    prefix = "" if table.startswith("projection") else "testimonies_"
    return lambda world: copying(world, f"{prefix}{table}", row, differing)


def plain(statement):
    return lambda world: statement


BREAKS = {
    # accounts
    "user_role_is_a_known_word": to("user", "user", "role = 'king'"),
    "user_has_a_role_of_its_own": to("user", "user", "role = 'anonymous'"),
    "testimonies_user_username_key": again("user", "user"),
    "account_act_act_is_a_known_word": plain(
        "INSERT INTO testimonies_accountact (act, account_id, said) VALUES ('king', {user}, '')"
    ),
    "account_act_is_about_one": plain(
        "INSERT INTO testimonies_accountact (act, account_id, key_id, said) VALUES ('role', {user}, {key}, '')"
    ),
    "api_key_role_is_a_known_word": to("apikey", "key", "role = 'king', tier = 0"),
    "api_key_tier_is_known": to("apikey", "key", "role = 'editor', tier = 3, user_id = {user}"),
    "api_key_that_writes_has_an_account": to("apikey", "key", "role = 'coder'"),
    "api_key_uses_are_known_words": to("apikey", "key", "uses = '{{research,war}}'"),
    "api_key_reader_reads_up_to_partner": to("apikey", "key", "tier = 2"),
    "api_key_expires_after_it_was_made": to("apikey", "key", "expires_at = created_at"),
    "testimonies_apikey_digest_key": again("apikey", "key", name="another"),
    "testimonies_apikey_name_key": plain(
        "INSERT INTO testimonies_apikey (name, digest, role, tier, uses) SELECT name, 'other', role, tier, uses FROM testimonies_apikey"
    ),
    "api_key_rate_lets_something_through": to("apikey", "key", "rate = 0"),
    "sealed_event_once": again("sealedevent", "sealed"),
    "idempotency_key_is_one_per_account": again("idempotencykey", "idempotency"),
    # imports
    "import_mapping_date_format_is_a_known_word": to("importmapping", "mapping", "date_format = 'ymd'"),
    "import_mapping_has_a_name": to("importmapping", "mapping", "name = ''"),
    "testimonies_importmapping_name_key": again("importmapping", "mapping"),
    "import_state_is_a_known_word": to("import", "brought", "state = 'lost', ended_at = now()"),
    "import_on_error_is_a_known_word": to("import", "brought", "on_error = 'hope'"),
    "import_kind_is_a_known_word": to("import", "brought", "kind = 'rumour'"),
    "import_ends_with_a_moment": to("import", "brought", "state = 'done'"),
    "import_rows_are_counted": to("import", "brought", "rows_done = 2"),
    "import_chunk_has_a_place_of_its_own": again("importchunk", "chunk"),
    "import_row_outcome_is_a_known_word": to("importrow", "told", "outcome = 'lost'"),
    "import_row_is_told_once": again("importrow", "told"),
    # the vault
    "vault_entry_kind_is_a_known_word": to("vaultentry", "entry", "kind = 'gossip'"),
    "vault_entry_is_kept_once": again("vaultentry", "entry"),
    "vault_opening_act_is_a_known_word": to("vaultopening", "opening", "act = 'peeped'"),
    "vault_opening_says_what_for": to("vaultopening", "opening", "purpose = 'because'"),
    # exports
    "export_state_is_a_known_word": to("export", "export", "state = 'lost'"),
    "export_format_is_a_known_word": to("export", "export", "format = 'pdf'"),
    "export_tier_is_known": to("export", "export", "tier = 7"),
    "export_above_public_says_what_for": to("export", "export", "purpose = 'because'"),
    # persons
    "person_ref_has_its_prefix": to("person", "person", "ref = 'T-7K3QM2X9'"),
    "testimonies_person_ref_key": again("person", "person"),
    "person_name_kind_is_a_known_word": to("person", "person", "name_kind = 'nickname'"),
    "person_gender_is_a_known_word": to("person", "person", "gender = ''"),
    "person_tier_is_known": to("person", "person", "tier = 3"),
    "person_nationality_is_a_country_code": to("person", "person", "nationality = 'sy'"),
    "person_residence_before_is_a_country_code": to("person", "person", "residence_before = ''"),
    "person_raised_names_known_fields": to("person", "person", "raised = '{{\"ref\": 1}}'"),
    "person_missing_names_known_fields": to("person", "person", "missing = '{{\"gender\": \"unknown\"}}'"),
    "person_without_a_name_has_none": to("person", "person", "name_kind = 'none'"),
    "other_name_kind_is_a_known_word": to("personname", "other_name", "kind = 'nickname'"),
    "person_name_tier_is_known": to("personname", "other_name", "tier = 3"),
    "person_name_is_listed_once": again("personname", "other_name"),
    "person_name_is_a_name": to("personname", "other_name", "value = ''"),
    "person_external_id_names_one_person": again("personexternalid", "person_id", person_id="{lone_person}"),
    "same_person_link_status_is_a_known_word": to("samepersonlink", "link", "status = 'certain'"),
    "same_person_link_has_two_sides_or_waits": to("samepersonlink", "link", "other_id = NULL"),
    "same_person_link_joins_two_people": to("samepersonlink", "link", "other_id = person_id"),
    "same_person_link_is_asked_once": again("samepersonlink", "link", person_id="{lone_person}", other_id="{person}"),
    "same_person_link_waits_once": again("samepersonlink", "waiting"),
    "person_disclosure_is_a_known_word": to("person", "person", "disclosure = 'some'"),
    # corrections
    "correction_kind_is_a_known_word": to("correction", "correction", "kind = 'figure'"),
    "correction_state_is_a_known_word": to(
        "correction", "correction", "state = 'maybe', decided_by_id = {user}, decided_at = now()"
    ),
    "correction_is_of_one_record": to("correction", "correction", "testimony_id = NULL"),
    "correction_decided_says_when_and_by_whom": to("correction", "correction", "state = 'withdrawn'"),
    "correction_is_decided_by_another": to(
        "correction", "correction", "state = 'approved', decided_by_id = {user}, decided_at = now()"
    ),
    "correction_has_a_reason": to("correction", "correction", "reason = ''"),
    # groups
    "group_tier_is_known": to("group", "group", "tier = 3"),
    "testimonies_group_slug_key": again("group", "group"),
    "membership_belonging_is_a_known_word": to("membership", "membership", "belonging = 'maybe'"),
    "membership_tier_is_known": to("membership", "membership", "tier = 3"),
    "membership_joined_days_need_a_date": to("membership", "membership", "joined = NULL"),
    "membership_joined_days_are_in_order": to("membership", "membership", "joined_latest = joined_earliest - 1"),
    "membership_left_days_need_a_date": to("membership", "membership", '"left" = \'\''),
    "membership_left_days_are_in_order": to("membership", "membership", "left_latest = left_earliest - 1"),
    # sources
    "source_ref_has_its_prefix": to("source", "source", "ref = 'S-7k3qm2x9'"),
    "testimonies_source_ref_key": again("source", "source", url=""),
    "source_medium_is_a_known_word": to("source", "source", "medium = 'rumour'"),
    "source_reliability_is_a_known_word": to("source", "source", "reliability = 'G'"),
    "source_tier_is_known": to("source", "source", "tier = 3"),
    "source_published_days_need_a_date": to("source", "source", "published = NULL"),
    "source_published_days_are_in_order": to("source", "source", "published_latest = published_earliest - 1"),
    "source_url_names_one_source": again("source", "source", ref="S-INVENTED"),
    "source_without_url_is_one_of_its_kind": plain(
        "UPDATE testimonies_source SET url = '', outlet = 'One', title = '', published = NULL, published_earliest = NULL, "
        "published_latest = NULL WHERE id IN ({source}, {lone_source})"
    ),
    "source_external_id_names_one_source": again("sourceexternalid", "source_id", source_id="{lone_source}"),
    "citation_relation_is_a_known_word": to("citation", "citation", "relation = 'echo'"),
    "citation_tier_is_known": to("citation", "citation", "tier = 3"),
    "citation_is_listed_once": again("citation", "citation"),
    "evidence_is_given_once": again("evidence", "evidence"),
    "evidence_basis_is_a_known_word": to("evidence", "evidence", "basis = 'felt'"),
    # testimonies
    "testimony_ref_has_its_prefix": to("testimony", "testimony", "ref = 'T-'"),
    "testimonies_testimony_ref_key": again("testimony", "testimony"),
    "testimony_kind_is_a_known_word": to("testimony", "testimony", "kind = 'dream'"),
    "testimony_speaking_conditions_is_a_known_word": to("testimony", "testimony", "speaking_conditions = ''"),
    "testimony_credibility_is_a_known_word": to("testimony", "testimony", "credibility = '7'"),
    "testimony_status_is_a_known_word": to("testimony", "testimony", "status = 'lost'"),
    "testimony_coding_status_is_a_known_word": to("testimony", "testimony", "coding_status = 'half'"),
    "testimony_content_warnings_are_known_words": to("testimony", "testimony", "content_warnings = '{{rain}}'"),
    "testimony_tier_is_known": to("testimony", "testimony", "tier = 3"),
    "testimony_raised_names_known_fields": to("testimony", "testimony", "raised = '{{\"ref\": 1}}'"),
    "testimony_missing_names_known_fields": to("testimony", "testimony", "missing = '{{\"left\": \"lost\"}}'"),
    "testimony_given_country_is_a_country_code": to("testimony", "testimony", "given_country = 'T1'"),
    "testimony_given_days_need_a_date": to("testimony", "testimony", "given = NULL"),
    "testimony_given_days_are_in_order": to("testimony", "testimony", "given_latest = given_earliest - 1"),
    "testimony_ages_are_in_order": to("testimony", "testimony", "age_from = 28, age_to = 27"),
    "testimony_has_a_title": to("testimony", "testimony", "title = ''"),
    "testimony_published_has_a_moment": to("testimony", "testimony", "published_at = NULL"),
    "testimony_membership_id_has_the_same_person_id": to("testimony", "testimony", "membership_id = {lone_membership}"),
    "testimony_external_id_names_one_testimony": again("testimonyexternalid", "testimony_id", testimony_id="{far}"),
    "consensus_code_is_listed_once": again("consensuscode", "consensus"),
    "claim_tier_is_known": to("claim", "claim", "tier = 3"),
    "claim_preferred_is_one_per_field": again("claim", "claim", value="2013"),
    "claim_says_something": to("claim", "claim", "value = ''"),
    "text_kind_is_a_known_word": to("text", "text", "kind = 'song'"),
    "text_tier_is_known": to("text", "text", "tier = 3"),
    "text_has_a_body": to("text", "text", "body = ''"),
    "text_translation_is_of_another": to("text", "text", "kind = 'translation', translation_of_id = id"),
    "text_translation_of_id_has_the_same_testimony_id": again(
        "text", "text", kind="translation", translation_of_id="{text}", testimony_id="{far}"
    ),
    # clearances
    "clearance_basis_is_a_known_word": to("clearance", "clearance", "basis = 'hope'"),
    "clearance_uses_are_known_words": to("clearance", "clearance", "uses = '{{war}}'"),
    "clearance_permits_something": to("clearance", "clearance", "uses = '{{}}'"),
    "clearance_ends_after_it_starts": to("clearance", "clearance", "ends_at = starts_at"),
    # codebooks
    "codebook_version_is_one": again("codebook", "codebook"),
    "codebook_status_is_a_known_word": to("codebook", "codebook", "status = 'frozen'"),
    "codebook_tier_is_known": to("codebook", "codebook", "tier = 3"),
    "codebook_has_a_version": to("codebook", "codebook", "edition = ''"),
    "codebook_has_one_next_version": again("codebook", "next_codebook", edition="9"),
    "codebook_follows_another": to("codebook", "next_codebook", "follows_id = id"),
    "code_slug_is_one_per_codebook": again("code", "code", guid="{person}"),
    "code_guid_is_one_per_codebook": again("code", "code", slug="another"),
    "code_color_is_a_color": to("code", "code", "color = 'red'"),
    "code_origin_is_named_once": again("codeorigin", "code_origin"),
    "code_tier_is_known": to("code", "code", "tier = 3"),
    "code_without_parent_is_a_dimension": to("code", "code", "parent_id = NULL"),
    "code_parent_id_has_the_same_codebook_id": to(
        "code", "lone_code", "codebook_id = {lone_codebook}, parent_id = {dimension}, level = 2"
    ),
    # coding
    "assignment_state_is_a_known_word": to("assignment", "assignment", "state = 'lost'"),
    "assignment_is_given_once": again("assignment", "assignment"),
    "assignment_begun_has_a_moment": to("assignment", "assignment", "started_at = NULL"),
    "assignment_submitted_has_a_moment": to("assignment", "assignment", "submitted_at = NULL"),
    "assignment_returned_has_a_reason": to("assignment", "assignment", "state = 'returned'"),
    "coding_presence_is_a_known_word": to("coding", "coding", "presence = 'perhaps'"),
    "coding_anchor_is_a_known_word": to("coding", "coding", "anchor = 'lost'"),
    "coding_salience_is_known": to("coding", "coding", "salience = 4"),
    "coding_is_of_a_passage_or_of_all": to("coding", "coding", '"end" = start'),
    "coding_is_made_once": again("coding", "coding"),
    "coding_assignment_id_has_the_same_testimony_id": to("coding", "of_all", "testimony_id = {far}"),
    "coding_assignment_id_has_the_same_codebook_id": to(
        "coding", "of_all", "codebook_id = {lone_codebook}, code_id = {far_code}"
    ),
    "coding_code_id_has_the_same_codebook_id": to("coding", "of_all", "code_id = {far_code}"),
    "coding_text_id_has_the_same_testimony_id": to("coding", "coding", "text_id = {far_text}"),
    "decision_stands_alone": again("decision", "decision"),
    "decision_reopened_says_when_by_whom_and_why": to("decision", "decision", "reopened_at = now()"),
    "decided_code_is_decided_once": again("decidedcode", "decided"),
    "decided_code_disputed_has_a_reason": to("decidedcode", "decided", "is_agreed = false"),
    "settled_coding_is_listed_once": again("settledcoding", "settled"),
    # collections
    "collection_tier_is_known": to("collection", "collection", "tier = 3"),
    "testimonies_collection_slug_key": again("collection", "collection"),
    "collection_basis_of_use_is_a_known_word": to("collection", "collection", "basis_of_use = 'hope'"),
    "collection_listing_is_a_known_word": to("collection", "collection", "listing = 'ajar'"),
    "collection_permitted_uses_are_known_words": to("collection", "collection", "permitted_uses = '{{war}}'"),
    "collection_item_is_listed_once": again("collectionitem", "item"),
    "case_link_is_said_once": again("caselink", "case", is_case=False),
    "figure_slug_is_one_per_collection": again("figure", "figure"),
    "figure_scope_is_a_known_word": to("figure", "figure", "scope = 'world'"),
    "figure_status_is_a_known_word": to("figure", "figure", "status = 'guessed'"),
    "figure_tier_is_known": to("figure", "figure", "tier = 3"),
    "figure_range_is_in_order": to("figure", "figure", "range_low = 59"),
    "figure_source_is_listed_once": again("figuresource", "figure_source"),
    # campaigns, their uses and quotes
    "testimonies_campaign_slug_key": again("campaign", "campaign"),
    "campaign_actor_kind_is_a_known_word": to("campaign", "campaign", "actor_kind = 'person'"),
    "campaign_tier_is_known": to("campaign", "campaign", "tier = 3"),
    "campaign_starts_days_need_a_date": to("campaign", "campaign", "starts = ''"),
    "campaign_starts_days_are_in_order": to("campaign", "campaign", "starts = '2014', starts_earliest = '2015-01-01', starts_latest = '2014-01-01'"),
    "campaign_ends_days_need_a_date": to("campaign", "campaign", "ends = ''"),
    "campaign_ends_days_are_in_order": to("campaign", "campaign", "ends = '2014', ends_earliest = '2015-01-01', ends_latest = '2014-01-01'"),
    "channel_is_listed_once": again("channel", "channel"),
    "campaign_source_is_listed_once": again("campaignsource", "campaign_source"),
    "campaignuse_kind_is_a_known_word": to("campaignuse", "use", "kind = 'rumour'"),
    "campaignuse_purpose_is_a_known_word": to("campaignuse", "use", "purpose = 'war'"),
    "campaignuse_tier_is_known": to("campaignuse", "use", "tier = 3"),
    "campaignuse_published_days_need_a_date": to("campaignuse", "use", "published = ''"),
    "campaignuse_published_days_are_in_order": to(
        "campaignuse", "use", "published = '2014', published_earliest = '2015-01-01', published_latest = '2014-01-01'"
    ),
    "use_source_is_listed_once": again("usesource", "use_source"),
    "used_testimony_is_listed_once": again("usedtestimony", "used"),
    "usedtestimony_quote_id_has_the_same_testimony_id": to("usedtestimony", "used", "quote_id = {far_quote}"),
    "measurement_metric_is_a_known_word": to("measurement", "measurement", "metric = 'fame'"),
    "measurement_value_is_plausible": to("measurement", "measurement", "value = 1000000000001"),
    "measurement_is_one_a_day_by_a_source": again("measurement", "measurement"),
    "quote_anchor_is_a_known_word": to("quote", "quote", "anchor = 'lost', text_id = NULL"),
    "quote_status_is_a_known_word": to("quote", "quote", "status = 'maybe'"),
    "quote_tier_is_known": to("quote", "quote", "tier = 3"),
    "quote_has_words": to("quote", "quote", "anchor = 'orphaned', quote = ''"),
    "quote_holds_on_to_a_text": to("quote", "quote", "text_id = NULL"),
    "quote_is_decided_by_somebody": to("quote", "quote", "decided_at = NULL"),
    "quote_of_a_passage_is_one": again("quote", "quote"),
    "quote_text_id_has_the_same_testimony_id": to("quote", "quote", "text_id = {far_text}"),
    "quote_translation_of_id_has_the_same_testimony_id": to("quote", "quote", "translation_of_id = {far_quote}"),
    "region_has_countries": plain("UPDATE testimonies_region SET countries = '{{}}'"),
    # projections
    "publictestimony_rows_do_not_overlap": again("projection_public", "public"),
    "partnertestimony_rows_do_not_overlap": again("projection_partner", "partner"),
    "restrictedtestimony_rows_do_not_overlap": again("projection_restricted", "restricted"),
    "shared_document_is_one_per_tier": again("projection_shared", "document"),
    "showing_is_gone_in_a_transaction_at_a_moment": plain("UPDATE projection_showing SET gone_at = now()"),
    "reference_revision_is_one_row": plain("INSERT INTO reference_revision (id, revision) VALUES (2, gen_random_uuid())"),
}  # fmt: skip

TARGETS = {
    "membership_has_one_person_id", "text_has_one_testimony_id", "code_has_one_codebook_id",
    "quote_has_one_testimony_id", "assignment_has_one_testimony_id", "assignment_has_one_codebook_id",
}  # fmt: skip
"""What the composite references point at: a key with one column more, which nothing can break that keeps the key."""


@pytest.mark.parametrize("name", BREAKS)
def test_a_constraint_refuses(world, refused_by, name):
    statement = BREAKS[name](world)
    with refused_by(name):
        world.sql(statement)


def test_every_constraint_is_broken_above(db):
    declared = {
        constraint.name
        for model in apps.get_app_config("testimonies").get_models()
        for constraint in model._meta.constraints
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
            "WHERE k.contype IN ('c', 'u', 'x', 'f') AND c.relname ~ '^(testimonies|projection|reference)_'"
        )
        found = cursor.fetchall()
    ours = {name for table, name in found if name.endswith("_key") or not is_djangos(table, name)}
    assert declared | ours == BREAKS.keys() | TARGETS


def is_djangos(table, name):
    """Names that Django makes itself begin with the table's: for references, and for numbers that are not negative."""
    return name.startswith(table[:20]) and re.search(r"_(check|fk|fk_.+|uniq)$", name) is not None


# --- Rules that hold for half a value ---------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["age_from = NULL", "age_to = NULL", "age_from = 130, age_to = 131"])
def test_ages_are_both_given_or_both_missing(world, refused_by, change):
    with refused_by("testimony_ages_are_in_order"):
        world.sql(f"UPDATE testimonies_testimony SET {change} WHERE id = {{testimony}}")


@pytest.mark.parametrize(
    "change",
    [
        "given = '', given_earliest = NULL, given_latest = NULL",
        "given = NULL, given_earliest = NULL",
        "given = NULL, given_latest = NULL",
    ],
)
def test_days_need_a_date_each(world, refused_by, change):
    with refused_by("testimony_given_days_need_a_date"):
        world.sql(f"UPDATE testimonies_testimony SET {change} WHERE id = {{testimony}}")


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        '"given"',
        "1",
        '{"given": 0}',
        '{"given": 3}',
        '{"given": "1"}',
        '{"given": null}',
        '{"given": [1]}',
        '{"unheard_of": 1}',
    ],
)
def test_what_is_raised_is_a_field_and_a_tier(world, refused_by, value):
    with refused_by("testimony_raised_names_known_fields"):
        type(world.testimony).objects.filter(pk=world.testimony.pk).update(raised=json.loads(value))


@pytest.mark.parametrize(
    "value", ["[]", '{"given": "because"}', '{"given": ["unknown"]}', '{"title": "unknown"}', '{"given": 1}']
)
def test_what_is_missing_is_a_field_and_a_reason(world, refused_by, value):
    with refused_by("testimony_missing_names_known_fields"):
        type(world.testimony).objects.filter(pk=world.testimony.pk).update(missing=json.loads(value))


def test_a_dimension_has_no_parent(world, refused_by):
    with refused_by("code_without_parent_is_a_dimension"):
        world.sql("UPDATE testimonies_code SET level = 1 WHERE id = {code}")


def test_a_name_of_no_kind_is_no_other_name(world, refused_by):
    with refused_by("person_name_is_a_name"):
        world.sql("UPDATE testimonies_personname SET kind = 'none' WHERE id = {other_name}")


@pytest.mark.parametrize(
    "change",
    [
        "text_id = NULL",
        "start = NULL",
        '"end" = NULL',
        "start = NULL, \"end\" = NULL, text_id = NULL, quote = ''",
        "quote = ''",
        "quote = quote || '!'",
        "anchor = 'orphaned', start = NULL",
        "anchor = 'orphaned', quote = ''",
    ],
)
def test_a_passage_is_whole(world, refused_by, change):
    with refused_by("coding_is_of_a_passage_or_of_all"):
        world.sql(f"UPDATE testimonies_coding SET {change} WHERE id = {{coding}}")


def test_the_length_of_a_passage_counts_code_points(world):
    """An emoji is two UTF-16 units and four bytes, a letter with a mark two code points."""
    words = "\N{GRINNING FACE}e\N{COMBINING ACUTE ACCENT}"
    assert models.Coding.objects.filter(pk=world.coding.pk).update(quote=words, start=0, end=3) == 1


def test_only_translations_translate(world, refused_by):
    with refused_by("text_translation_is_of_another"):
        world.sql("UPDATE testimonies_text SET translation_of_id = gen_random_uuid() WHERE id = {text}")


def test_what_may_be_open_or_missing(world):
    """The other side of the rules above: refusing everything would pass them too."""
    world.sql(
        "UPDATE testimonies_testimony SET age_from = NULL, age_to = NULL, given = '../2015', given_earliest = NULL, "
        'raised = \'{{"given": 2, "left": 1}}\', missing = \'{{"given": "refused"}}\', '
        "given_latest = '2015-12-31', given_country = NULL, membership_id = NULL, status = 'draft', published_at = NULL "
        "WHERE id = {testimony}"
    )
    world.sql("UPDATE testimonies_person SET name = '', name_kind = 'none', nationality = NULL WHERE id = {person}")
    world.sql("UPDATE testimonies_source SET url = '' WHERE id IN ({source}, {lone_source})")  # their titles differ
    world.sql("UPDATE testimonies_figure SET range_low = NULL, range_high = NULL WHERE id = {figure}")
    world.sql("UPDATE testimonies_clearance SET withdrawn_at = starts_at - interval '1 day' WHERE id = {clearance}")
    world.sql(
        "UPDATE testimonies_apikey SET role = 'editor', tier = 2, uses = '{{test}}', user_id = {user} WHERE id = {key}"
    )
    world.sql("UPDATE testimonies_coding SET anchor = 'orphaned', text_id = NULL WHERE id = {coding}")
    world.sql("UPDATE testimonies_assignment SET state = 'open', started_at = NULL WHERE id = {assignment}")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM projection_stale")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
