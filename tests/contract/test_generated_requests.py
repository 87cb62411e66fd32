"""schemathesis makes requests of the OpenAPI document, fitting and unfitting ones, and holds the answers against it.

The seed stands in the head of the run; TEST_SEED=... make test ARGS=tests/contract/test_generated_requests.py repeats it.
"""

import json
from collections.abc import Iterator
from random import Random

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import ChecksConfig, GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import MissingRequiredHeaderConfig, NegativeDataRejectionConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
)

from config.wsgi import application
from testimonies.access import Tier
from tests.client import DOCUMENT
from tests.contract.seed import SEED
from tests.factories import (
    batch,
    make_code,
    make_codebook,
    make_collection,
    make_figure,
    make_group,
    make_membership,
    make_region,
    make_source,
    make_testimony,
)

REFUSED = [400, 401, 403, 404, 405, 406, 412, 413, 415, 422, 428]
"""How what does not fit is answered: for itself, or for what is looked at before."""
ROLES = ("anonymous", "reader", "editor")
EXAMPLES, WRITES = 30, 8
OF_ROWS = {
    # what only rows decide, so that a fitting request also finds something
    "group": "islamic-state",
    "collection": "press-testimonies",
    "codebook": "icsr2015",
    "code": "leave-brutality",
    "code_all": "leave-brutality",
    "code_none": "role-fighter",
    "nationality": "SY",
    "nationality_region": "western-asia",
    "residence_before": "DE",
    "residence_region": "europe",
    "given_country": "TR",
    "account_language": "en",
    "language": "en",
    "outlet": "npr",
    "given_after": "2014-09~",
    "given_before": "2016",
    "joined_after": "201X",
    "joined_before": "2016",
    "left_after": "2013",
    "left_before": "../2016",
}
SEMANTIC = {
    "unknown_value",
    "invalid",
    "ambiguous",
    "repeated",
    "too_long",
    "invalid_cursor",
    "foreign_cursor",
    "not_with_format",
}
"""Why a request that fits the document may still be refused: what only rows, signatures and calendars can say."""

UNPACKED = {"Accept-Encoding": "identity"}
"""In-process, nobody unpacks what is sent in gzip (tests/api/test_large_answers.py)."""

schema = schemathesis.openapi.from_path(
    DOCUMENT,
    config=SchemathesisConfig(
        seed=SEED,
        # keys are ours to send; random ones would only ever meet 401 (see test_hostile_requests)
        projects=ProjectsConfig(
            default=ProjectConfig(
                generation=GenerationConfig(with_security_parameters=False, database="none"),
                # without If-Match: whoever may not write is told so before, and who may gets 428
                checks=ChecksConfig(
                    missing_required_header=MissingRequiredHeaderConfig(
                        expected_statuses=[400, 401, 403, 404, 405, 428]
                    ),
                    negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=REFUSED),
                ),
            )
        ),
    ),
)
schema.app = application


@pytest.fixture
def rows(db, settings) -> dict[str, str]:
    """A few records with the values above. Ids that a path may name, by the start of the path."""
    settings.PUBLIC_READ = True
    with batch():
        make_region(slug="europe"), make_region(slug="western-asia", countries=["SY", "TR"])
        book = make_codebook(slug="icsr2015")
        codes = [make_code(codebook=book, slug=slug) for slug in ("leave-brutality", "role-fighter")]
        source = make_source(outlet="NPR")
        collection = make_collection(slug="press-testimonies")
        make_figure(collection=collection, sources=[source])
        group = make_group(slug="islamic-state")
        for tier in reversed(Tier):
            testimony = make_testimony(
                membership=make_membership(group=group),
                codes=codes[:1],
                sources=[source],
                collections=[collection],
                texts=["A text."],
                tier=tier,
            )
    return {
        "/api/v1/testimonies/": testimony.ref,
        "/api/v1/persons/": testimony.person.ref,
        "/api/v1/sources/": str(source.pk),
        "/api/v1/groups/": "islamic-state",
        "/api/v1/collections/": "press-testimonies",
        "/api/v1/codebooks/": str(book.pk),
        "/api/v1/codes/": str(codes[0].pk),
    }


@pytest.fixture
def one_transaction() -> Iterator[None]:
    """The application runs in the test's own transaction, so nobody may close its connection between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.include(method="GET").parametrize()
@seed(SEED)
@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_an_answer_is_as_documented(case, rows, keys, one_transaction):
    random = Random(f"{SEED}{case.path}{case.path_parameters}{case.query}{case.headers}")  # the same at each repetition
    role = random.choice(ROLES)
    is_fitting = case.meta is None or case.meta.generation.mode.is_positive
    if is_fitting:
        make_findable(case, rows, random)
    with transaction.atomic():
        response = case.call(headers=keys[role] | UNPACKED)
    # ours below is stricter on what fits
    # a file's media type is said with the parameter, beside what generators of clients read (docs/adr/0033)
    of_files = [content_type_conformance, response_schema_conformance] if "format" in (case.query or {}) else []
    # a number in place of a list of words is a word when it is sent
    of_words = [negative_data_rejection] if has_number_for_list(case) else []
    excluded = [positive_data_acceptance, *of_files, *of_words]
    case.validate_response(response, excluded_checks=excluded, headers=keys[role])
    if is_fitting and response.status_code == 400:
        refused = {(error["code"], error["parameter"]) for error in json.loads(response.content)["errors"]}
        if role != "editor":
            refused -= {("unknown_parameter", name) for name in ("status", "tier", "as_of", "anchor")}
        assert {code for code, _ in refused} <= SEMANTIC, (role, refused, f"TEST_SEED={SEED}")


@schema.exclude(method="GET").parametrize()
@seed(SEED)
@hypothesis_settings(
    max_examples=WRITES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_a_write_is_answered_as_documented(case, rows, keys, one_transaction):
    """Fitting or not, for whoever asks: a documented status with its headers and body, and never 500."""
    random = Random(f"{SEED}{case.path}{case.path_parameters}{case.body!r}{case.headers}")
    role = random.choice(ROLES)
    make_findable(case, rows, random)
    with transaction.atomic():
        response = case.call(headers=keys[role] | UNPACKED)
    # what does not fit is refused; what fits may be too, by rows, versions, roles and rules between fields
    # an empty field of a form is lost on the way: werkzeug ends its part before it begins (tests/imports sends one)
    of_forms = [negative_data_rejection] if is_form_with_empty_field(case) else []
    case.validate_response(response, excluded_checks=[positive_data_acceptance, *of_forms], headers=keys[role])
    readers_may = case.path == "/api/v1/exports/"  # preparing a file of what they see
    if role != "editor" and case.method.upper() in {"POST", "PUT", "PATCH", "DELETE"} and not readers_may:
        assert response.status_code in {400, 401, 403, 405}, (role, response.status_code)


def has_number_for_list(case):
    lists = {one.name for one in case.operation.query if one.definition["schema"].get("type") == "array"}
    return any(name in lists and isinstance(value, int | float) for name, value in (case.query or {}).items())


def is_form_with_empty_field(case):
    return case.media_type == "multipart/form-data" and isinstance(case.body, dict) and "" in case.body.values()


def make_findable(case, rows, random):
    """Half of the values that only rows decide become ones that exist."""
    for name, value in OF_ROWS.items():
        if name in (case.query or {}) and random.random() < 0.5:
            case.query[name] = [value]
    if case.query and random.random() < 0.5:
        case.query.pop("cursor", None)
    found = [key for start, key in rows.items() if case.path.startswith(start)]
    if found and "id" in (case.path_parameters or {}) and random.random() < 0.7:
        case.path_parameters["id"] = found[0]
    if "testimony_id" in (case.path_parameters or {}) and random.random() < 0.7:
        case.path_parameters["testimony_id"] = rows["/api/v1/testimonies/"]
