"""Who gets what: caller x endpoint x state of the row, as a table of numbers.

A cell is the HTTP status; of a list that answers 200, it is how many of its rows are the row in question.
"""

import json
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from testimonies.access import Actor, Role, Tier
from testimonies.api.v1.testimonies import TestimonyViewSet
from testimonies.api.v1.texts import TextViewSet
from testimonies.errors import NotFound
from testimonies.models import Correction, Erasure, Export, Import, ImportMapping, SamePersonLink, VaultOpening
from testimonies.selectors import actors, documents, parameters, reference
from testimonies.selectors.filters import Context
from testimonies.services import erasure, workflow
from tests import factories as make
from tests.factories.base import write

pytestmark = pytest.mark.django_db
WHY = {"Export-Purpose": "Invented: to see what comes out."}
NEVER_THERE = "00000000-0000-4000-8000-000000000000"
NEVER = SimpleNamespace(pk=NEVER_THERE, testimony_id=NEVER_THERE)
CALLERS = ("nobody", "anonymous", "public", "reader", "coder", "editor", "custodian")
"""`nobody`: without a key where the setting is off; `anonymous`: where it is on; `public`: a reader's key for that tier only."""

# fmt: off
OF_A_TESTIMONY = {
    # its texts are public, its person and its source are needed by nothing else
    "testimonies-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,    0,         0,      0,      0,     0,      0),
    },
    # from the beginning: what follows is in tests/api/test_changes.py
    "changes-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,    0,         0,      0,      0,     0,      0),
    },
    "testimonies-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
    "texts-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    404,       404,    1,      1,     1,      1),
        "restricted":    (401,    404,       404,    404,    1,     1,      1),
        "draft":         (401,    404,       404,    404,    404,   1,      1),
        "in review":     (401,    404,       404,    404,    404,   1,      1),
        "embargoed":     (401,    404,       404,    404,    1,     1,      1),
        "expired":       (401,    404,       404,    404,    1,     1,      1),
        "closed":        (401,    404,       404,    404,    1,     1,      1),
        "withdrawn":     (401,    404,       404,    404,    404,   1,      1),
        "a coder's own": (401,    404,       404,    404,    404,   1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,  404,       404,    404,    404,   404,    404),
    },
    "texts-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
    "testimonies-citation": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
    "quotes-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,    0,         0,      0,      0,     0,      0),
    },
    "quotes-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
    "persons-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,    0,         0,      0,      0,     0,      0),
    },
    "persons-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
    "sources-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
        "draft":         (401,    0,         0,      0,      0,     1,      1),
        "in review":     (401,    0,         0,      0,      0,     1,      1),
        "embargoed":     (401,    0,         0,      0,      1,     1,      1),
        "expired":       (401,    0,         0,      0,      1,     1,      1),
        "closed":        (401,    0,         0,      0,      1,     1,      1),
        "withdrawn":     (401,    0,         0,      0,      0,     1,      1),
        "a coder's own": (401,    0,         0,      0,      0,     1,      1),
        "raised":        (401,    1,         1,      1,      1,     1,      1),
        "erased":        (401,    0,         0,      0,      0,     0,      0),
    },
    "sources-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
        "draft":         (401,    404,       404,    404,    404,   200,    200),
        "in review":     (401,    404,       404,    404,    404,   200,    200),
        "embargoed":     (401,    404,       404,    404,    200,   200,    200),
        "expired":       (401,    404,       404,    404,    200,   200,    200),
        "closed":        (401,    404,       404,    404,    200,   200,    200),
        "withdrawn":     (401,    404,       404,    404,    404,   200,    200),
        "a coder's own": (401,    404,       404,    404,    404,   200,    200),
        "raised":        (401,    200,       200,    200,    200,   200,    200),
        "erased":        (401,    404,       404,    404,    404,   404,    404),
    },
}
STAFF_ONLY = {
    "testimonies-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
        "draft":         (401, 403, 403, 403, 404, 200, 200),
        "in review":     (401, 403, 403, 403, 404, 200, 200),
        "embargoed":     (401, 403, 403, 403, 200, 200, 200),
        "expired":       (401, 403, 403, 403, 200, 200, 200),
        "closed":        (401, 403, 403, 403, 200, 200, 200),
        "withdrawn":     (401, 403, 403, 403, 404, 200, 200),
        "a coder's own": (401, 403, 403, 403, 404, 200, 200),
        "raised":        (401, 403, 403, 403, 200, 200, 200),
        "erased":        (401, 403, 403, 403, 404, 404, 404),
    },
    "testimonies-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
        "draft":         (401, 405, 405, 405, 405, 405, 405),
        "in review":     (401, 405, 405, 405, 405, 405, 405),
        "embargoed":     (401, 405, 405, 405, 405, 405, 405),
        "expired":       (401, 405, 405, 405, 405, 405, 405),
        "closed":        (401, 405, 405, 405, 405, 405, 405),
        "withdrawn":     (401, 405, 405, 405, 405, 405, 405),
        "a coder's own": (401, 405, 405, 405, 405, 405, 405),
        "raised":        (401, 405, 405, 405, 405, 405, 405),
        "erased":        (401, 405, 405, 405, 405, 405, 405),
    },
    "persons-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
        "draft":         (401, 403, 403, 403, 404, 200, 200),
        "in review":     (401, 403, 403, 403, 404, 200, 200),
        "embargoed":     (401, 403, 403, 403, 200, 200, 200),
        "expired":       (401, 403, 403, 403, 200, 200, 200),
        "closed":        (401, 403, 403, 403, 200, 200, 200),
        "withdrawn":     (401, 403, 403, 403, 404, 200, 200),
        "a coder's own": (401, 403, 403, 403, 404, 200, 200),
        "raised":        (401, 403, 403, 403, 200, 200, 200),
        "erased":        (401, 403, 403, 403, 404, 404, 404),
    },
    "persons-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
        "draft":         (401, 405, 405, 405, 405, 405, 405),
        "in review":     (401, 405, 405, 405, 405, 405, 405),
        "embargoed":     (401, 405, 405, 405, 405, 405, 405),
        "expired":       (401, 405, 405, 405, 405, 405, 405),
        "closed":        (401, 405, 405, 405, 405, 405, 405),
        "withdrawn":     (401, 405, 405, 405, 405, 405, 405),
        "a coder's own": (401, 405, 405, 405, 405, 405, 405),
        "raised":        (401, 405, 405, 405, 405, 405, 405),
        "erased":        (401, 405, 405, 405, 405, 405, 405),
    },
    "sources-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
        "draft":         (401, 403, 403, 403, 404, 200, 200),
        "in review":     (401, 403, 403, 403, 404, 200, 200),
        "embargoed":     (401, 403, 403, 403, 200, 200, 200),
        "expired":       (401, 403, 403, 403, 200, 200, 200),
        "closed":        (401, 403, 403, 403, 200, 200, 200),
        "withdrawn":     (401, 403, 403, 403, 404, 200, 200),
        "a coder's own": (401, 403, 403, 403, 404, 200, 200),
        "raised":        (401, 403, 403, 403, 200, 200, 200),
        "erased":        (401, 403, 403, 403, 404, 404, 404),
    },
    "sources-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
        "draft":         (401, 405, 405, 405, 405, 405, 405),
        "in review":     (401, 405, 405, 405, 405, 405, 405),
        "embargoed":     (401, 405, 405, 405, 405, 405, 405),
        "expired":       (401, 405, 405, 405, 405, 405, 405),
        "closed":        (401, 405, 405, 405, 405, 405, 405),
        "withdrawn":     (401, 405, 405, 405, 405, 405, 405),
        "a coder's own": (401, 405, 405, 405, 405, 405, 405),
        "raised":        (401, 405, 405, 405, 405, 405, 405),
        "erased":        (401, 405, 405, 405, 405, 405, 405),
    },
    # parts that staff alone read, and links of the testimony's person to a public one
    "citations-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    1,     1,      1),
        "partner":       (401,    403,       403,    403,    1,     1,      1),
        "restricted":    (401,    403,       403,    403,    1,     1,      1),
        "draft":         (401,    403,       403,    403,    404,   1,      1),
        "in review":     (401,    403,       403,    403,    404,   1,      1),
        "embargoed":     (401,    403,       403,    403,    1,     1,      1),
        "expired":       (401,    403,       403,    403,    1,     1,      1),
        "closed":        (401,    403,       403,    403,    1,     1,      1),
        "withdrawn":     (401,    403,       403,    403,    404,   1,      1),
        "a coder's own": (401,    403,       403,    403,    404,   1,      1),
        "raised":        (401,    403,       403,    403,    1,     1,      1),
        "erased":        (401,    403,       403,    403,  404,   404,    404),
    },
    "citations-detail": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "claims-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    1,     1,      1),
        "partner":       (401,    403,       403,    403,    1,     1,      1),
        "restricted":    (401,    403,       403,    403,    1,     1,      1),
        "draft":         (401,    403,       403,    403,    404,   1,      1),
        "in review":     (401,    403,       403,    403,    404,   1,      1),
        "embargoed":     (401,    403,       403,    403,    1,     1,      1),
        "expired":       (401,    403,       403,    403,    1,     1,      1),
        "closed":        (401,    403,       403,    403,    1,     1,      1),
        "withdrawn":     (401,    403,       403,    403,    404,   1,      1),
        "a coder's own": (401,    403,       403,    403,    404,   1,      1),
        "raised":        (401,    403,       403,    403,    1,     1,      1),
        "erased":        (401,    403,       403,    403,  404,   404,    404),
    },
    "claims-detail": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "clearances-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    1,     1,      1),
        "partner":       (401,    403,       403,    403,    1,     1,      1),
        "restricted":    (401,    403,       403,    403,    1,     1,      1),
        "draft":         (401,    403,       403,    403,    404,   1,      1),
        "in review":     (401,    403,       403,    403,    404,   1,      1),
        "embargoed":     (401,    403,       403,    403,    1,     1,      1),
        "expired":       (401,    403,       403,    403,    1,     1,      1),
        "closed":        (401,    403,       403,    403,    1,     1,      1),
        "withdrawn":     (401,    403,       403,    403,    404,   1,      1),
        "a coder's own": (401,    403,       403,    403,    404,   1,      1),
        "raised":        (401,    403,       403,    403,    1,     1,      1),
        "erased":        (401,    403,       403,    403,  404,   404,    404),
    },
    "clearances-detail": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "testimonies-codes": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "testimonies-transitions": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "same-person-links-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    1,     1,      1),
        "partner":       (401,    403,       403,    403,    1,     1,      1),
        "restricted":    (401,    403,       403,    403,    1,     1,      1),
        "draft":         (401,    403,       403,    403,    0,     1,      1),
        "in review":     (401,    403,       403,    403,    0,     1,      1),
        "embargoed":     (401,    403,       403,    403,    1,     1,      1),
        "expired":       (401,    403,       403,    403,    1,     1,      1),
        "closed":        (401,    403,       403,    403,    1,     1,      1),
        "withdrawn":     (401,    403,       403,    403,    0,     1,      1),
        "a coder's own": (401,    403,       403,    403,    0,     1,      1),
        "raised":        (401,    403,       403,    403,    1,     1,      1),
        "erased":        (401,    403,       403,    403,    0,     0,      0),
    },
    "same-person-links-detail": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "testimonies-codings": {
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "testimonies-comparison": {
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "corrections-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    1,     1,      1),
        "partner":       (401,    403,       403,    403,    1,     1,      1),
        "restricted":    (401,    403,       403,    403,    1,     1,      1),
        "draft":         (401,    403,       403,    403,    0,     1,      1),
        "in review":     (401,    403,       403,    403,    0,     1,      1),
        "embargoed":     (401,    403,       403,    403,    1,     1,      1),
        "expired":       (401,    403,       403,    403,    1,     1,      1),
        "closed":        (401,    403,       403,    403,    1,     1,      1),
        "withdrawn":     (401,    403,       403,    403,    0,     1,      1),
        "a coder's own": (401,    403,       403,    403,    0,     1,      1),
        "raised":        (401,    403,       403,    403,    1,     1,      1),
        "erased":        (401,    403,       403,    403,    0,     0,      0),
    },
    "corrections-detail": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    403,       403,    403,    200,   200,    200),
        "partner":       (401,    403,       403,    403,    200,   200,    200),
        "restricted":    (401,    403,       403,    403,    200,   200,    200),
        "draft":         (401,    403,       403,    403,    404,   200,    200),
        "in review":     (401,    403,       403,    403,    404,   200,    200),
        "embargoed":     (401,    403,       403,    403,    200,   200,    200),
        "expired":       (401,    403,       403,    403,    200,   200,    200),
        "closed":        (401,    403,       403,    403,    200,   200,    200),
        "withdrawn":     (401,    403,       403,    403,    404,   200,    200),
        "a coder's own": (401,    403,       403,    403,    404,   200,    200),
        "raised":        (401,    403,       403,    403,    200,   200,    200),
        "erased":        (401,    403,       403,    403,    404,   404,    404),
    },
    "corrections-decision": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
        "draft":         (401, 405, 405, 405, 405, 405, 405),
        "in review":     (401, 405, 405, 405, 405, 405, 405),
        "embargoed":     (401, 405, 405, 405, 405, 405, 405),
        "expired":       (401, 405, 405, 405, 405, 405, 405),
        "closed":        (401, 405, 405, 405, 405, 405, 405),
        "withdrawn":     (401, 405, 405, 405, 405, 405, 405),
        "a coder's own": (401, 405, 405, 405, 405, 405, 405),
        "raised":        (401, 405, 405, 405, 405, 405, 405),
        "erased":        (401, 405, 405, 405, 405, 405, 405),
    },
    "quotes-decision": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
        "draft":         (401, 405, 405, 405, 405, 405, 405),
        "in review":     (401, 405, 405, 405, 405, 405, 405),
        "embargoed":     (401, 405, 405, 405, 405, 405, 405),
        "expired":       (401, 405, 405, 405, 405, 405, 405),
        "closed":        (401, 405, 405, 405, 405, 405, 405),
        "withdrawn":     (401, 405, 405, 405, 405, 405, 405),
        "a coder's own": (401, 405, 405, 405, 405, 405, 405),
        "raised":        (401, 405, 405, 405, 405, 405, 405),
        "erased":        (401, 405, 405, 405, 405, 405, 405),
    },
}
OF_A_TIER = {
    # records that stand for themselves: their tier is all that counts
    "groups-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "groups-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "collections-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "collections-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "figures-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "campaigns-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "uses-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "measurements-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "figures-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "campaigns-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "uses-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "measurements-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-list": {
        #                nobody  anonymous  public  reader  coder  editor  custodian
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "codebooks-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-tree": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-map": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-qdc": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "codebooks-qdpx": {
        "public":       (401, 403, 403, 403, 200, 200, 200),
        "partner":      (401, 403, 403, 403, 200, 200, 200),
        "restricted":   (401, 403, 403, 403, 200, 200, 200),
    },
    "codebooks-compare": {  # with nothing to compare it with
        "public":       (401, 400, 400, 400, 400, 400, 400),
        "partner":      (401, 400, 400, 400, 400, 400, 400),
        "restricted":   (401, 400, 400, 400, 400, 400, 400),
    },
    "codebooks-recode": {
        "public":       (401, 403, 403, 403, 200, 200, 200),
        "partner":      (401, 403, 403, 403, 200, 200, 200),
        "restricted":   (401, 403, 403, 403, 200, 200, 200),
    },
    "codebooks-next-version": {
        "public":       (401, 405, 405, 405, 405, 405, 405),
        "partner":      (401, 405, 405, 405, 405, 405, 405),
        "restricted":   (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-carry-over": {
        "public":       (401, 405, 405, 405, 405, 405, 405),
        "partner":      (401, 405, 405, 405, 405, 405, 405),
        "restricted":   (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-import": {
        "public":       (401, 405, 405, 405, 405, 405, 405),
        "partner":      (401, 405, 405, 405, 405, 405, 405),
        "restricted":   (401, 405, 405, 405, 405, 405, 405),
    },
    "codes-list": {
        "public":        (401,    1,         1,      1,      1,     1,      1),
        "partner":       (401,    0,         0,      1,      1,     1,      1),
        "restricted":    (401,    0,         0,      0,      1,     1,      1),
    },
    "codes-detail": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "groups-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "groups-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "collections-beside": {
        "public":        (401,    200,       200,    200,    200,   200,    200),
        "partner":       (401,    404,       404,    200,    200,   200,    200),
        "restricted":    (401,    404,       404,    404,    200,   200,    200),
    },
    "collections-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "collections-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "figures-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "campaigns-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "uses-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "figures-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "campaigns-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "uses-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "codebooks-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
    "codes-history": {
        "public":        (401, 403, 403, 403, 200, 200, 200),
        "partner":       (401, 403, 403, 403, 200, 200, 200),
        "restricted":    (401, 403, 403, 403, 200, 200, 200),
    },
    "codes-revert": {
        "public":        (401, 405, 405, 405, 405, 405, 405),
        "partner":       (401, 405, 405, 405, 405, 405, 405),
        "restricted":    (401, 405, 405, 405, 405, 405, 405),
    },
}
OF_NO_ROW = {
    #                    nobody  anonymous  public  reader  coder  editor  custodian
    "me": {"":            (401,    200,       200,    200,    200,   200,    200)},
    "reach": {"":         (401,    200,       200,    200,    200,   200,    200)},
    # an editor is told what to ask for: a codebook version
    "agreement": {"":      (401,    403,       403,    403,    403,   400,    400)},
    "import-mappings-columns": {"": (401, 403,    403,    403,    403,   200,    200)},
    "statistics": {"":     (401,    200,       200,    200,    200,   200,    200)},
    # asked by POST alone
    "testimonies-erasure": {"": (401, 405, 405, 405, 405, 405, 405)},
    "assignment-shares-list": {"": (401, 405, 405, 405, 405, 405, 405)},
    "vault-entries-list":  {"": (401, 405, 405, 405, 405, 405, 405)},
    "vault-lookups-list":  {"": (401, 405, 405, 405, 405, 405, 405)},
    "vault-removals-list": {"": (401, 405, 405, 405, 405, 405, 405)},
}
OF_ANOTHER_CODER = {
    # what somebody else codes: nobody's business below editors; and what was decided, where one did not code
    #                                   nobody  anonymous  public  reader  coder  editor  custodian
    "assignments-list":   {"another's": (401,    403,       403,    403,    0,     1,      1)},
    "assignments-detail": {"another's": (401,    403,       403,    403,    404,   200,    200)},
    "codings-list":       {"another's": (401,    403,       403,    403,    0,     1,      1)},
    "codings-detail":     {"another's": (401,    403,       403,    403,    404,   200,    200)},
    "decisions-list":     {"another's": (401,    403,       403,    403,    0,     1,      1)},
    "decisions-detail":   {"another's": (401,    403,       403,    403,    404,   200,    200)},
    "assignments-transition": {"another's": (401, 405, 405, 405, 405, 405, 405)},
    "decisions-reopening":    {"another's": (401, 405, 405, 405, 405, 405, 405)},
}
OF_THE_VAULT = {
    #                              nobody  anonymous  public  reader  coder  editor  custodian
    "erasures-list":         {"kept": (401,    403,       403,    403,    403,   403,    1)},
    "erasures-detail":       {"kept": (401,    403,       403,    403,    403,   403,    200)},
    "imports-list":          {"kept": (401,    403,       403,    403,    403,   1,      1)},
    "imports-detail":        {"kept": (401,    403,       403,    403,    403,   200,    200)},
    "imports-rows":          {"kept": (401,    403,       403,    403,    403,   200,    200)},
    "imports-apply":         {"kept": (401,    405,       405,    405,    405,   405,    405)},
    "import-mappings-list":   {"kept": (401,  403,       403,    403,    403,   1,      1)},
    "import-mappings-detail": {"kept": (401,  403,       403,    403,    403,   200,    200)},
    "confusions-list":       {"kept": (401,    403,       403,    403,    403,   1,      1)},
    "exports-list":          {"kept": (401,    403,       403,    403,    1,     1,      1)},
    "exports-detail":        {"kept": (401,    403,       403,    403,    200,   200,    200)},
    "exports-file":          {"kept": (401,    400,       400,    400,    400,   400,    400)},  # without its token
    "vault-openings-list":   {"kept": (401,    403,       403,    403,    403,   403,    1)},
    "vault-openings-detail": {"kept": (401,    403,       403,    403,    403,   403,    200)},
}
WRITES = {
    # what an empty object, sent without If-Match, is answered: 400 or 428 to those who may write such records at all;
    # of a person nothing need be known, so that one is made
    #           nobody  anonymous  public  reader  coder  editor  custodian
    "testimonies-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "quotes-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "quotes-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "testimonies-citation": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-codes": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-transitions": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "texts-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "texts-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "citations-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "citations-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "claims-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "claims-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "clearances-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "clearances-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "persons-list": {
        "post":   (401,    401,       403,    403,    201,   201,    201),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "persons-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    428,   428,    428),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "same-person-links-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "same-person-links-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "corrections-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "corrections-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "corrections-decision": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "quotes-decision": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-codings": {
        "post":  (401,    405,       405,    405,    405,   405,    405),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-comparison": {
        "post":  (401,    405,       405,    405,    405,   405,    405),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "assignments-list": {
        "post":  (401,    401,       403,    403,    403,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "assignments-detail": {
        "post":  (401,    405,       405,    405,    405,   405,    405),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    401,       403,    403,    403,   428,    428),
    },
    "assignments-transition": {
        "post":  (401,    401,       403,    403,    400,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "assignment-shares-list": {
        "post":  (401,    401,       403,    403,    403,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "codings-list": {
        "post":  (401,    401,       403,    403,    400,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "codings-detail": {
        "post":  (401,    405,       405,    405,    405,   405,    405),
        "put":   (401,    401,       403,    403,    400,   400,    400),
        "patch": (401,    401,       403,    403,    428,   428,    428),
        "delete":(401,    401,       403,    403,    428,   428,    428),
    },
    "decisions-list": {
        "post":  (401,    401,       403,    403,    403,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "decisions-detail": {
        "post":  (401,    405,       405,    405,    405,   405,    405),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "decisions-reopening": {
        "post":  (401,    401,       403,    403,    403,   400,    400),
        "put":   (401,    405,       405,    405,    405,   405,    405),
        "patch": (401,    405,       405,    405,    405,   405,    405),
        "delete":(401,    405,       405,    405,    405,   405,    405),
    },
    "import-mappings-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "import-mappings-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "import-mappings-columns": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "vault-entries-list": {
        "post":   (401,    401,       403,    403,    403,   403,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "vault-lookups-list": {
        "post":   (401,    401,       403,    403,    403,   403,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "vault-openings-list": {
        "post":   (401,    401,       403,    403,    403,   403,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "vault-removals-list": {
        "post":   (401,    401,       403,    403,    403,   403,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "vault-openings-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "testimonies-erasure": {
        # the address of a testimony that is hidden, or never was, answers as any other: only who may is told what is wrong
        "post":   (401,    401,       403,    403,    403,   403,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "agreement": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "statistics": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "confusions-list": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "imports-list": {
        # a form, and no JSON
        "post":   (401,    401,       403,    403,    403,   415,    415),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "imports-detail": {
        # of none that is there
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    401,       403,    403,    403,   404,    404),
    },
    "imports-rows": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "imports-apply": {
        "post":   (401,    401,       403,    403,    403,   404,    404),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "exports-list": {
        "post":   (401,    401,       400,    400,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "exports-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "exports-file": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "erasures-list": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "erasures-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "sources-list": {
        "post":   (401,    401,       403,    403,    400,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "sources-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    400,   400,    400),
        "patch":  (401,    401,       403,    403,    428,   428,    428),
        "delete": (401,    401,       403,    403,    428,   428,    428),
    },
    "groups-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "groups-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "collections-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "collections-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "figures-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "campaigns-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "uses-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "measurements-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "figures-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "campaigns-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "uses-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "codebooks-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "codebooks-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "codebooks-tree": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "codebooks-map": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 401, 403, 403, 403, 400, 400),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-qdc": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-qdpx": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-compare": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-recode": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-next-version": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-carry-over": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-import": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codes-list": {
        "post":   (401,    401,       403,    403,    403,   400,    400),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "codes-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    401,       403,    403,    403,   400,    400),
        "patch":  (401,    401,       403,    403,    403,   428,    428),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "testimonies-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "testimonies-revert": {
        "post":   (401, 401, 403, 403, 400, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "persons-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "persons-revert": {
        "post":   (401, 401, 403, 403, 400, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "sources-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "sources-revert": {
        "post":   (401, 401, 403, 403, 400, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "groups-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "groups-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "collections-beside": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "collections-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "collections-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "measurements-detail": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    401,       403,    403,    403,   428,    428),
    },
    "reach": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "figures-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "campaigns-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "uses-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "figures-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "campaigns-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "uses-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codebooks-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codes-history": {
        "post":   (401, 405, 405, 405, 405, 405, 405),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "codes-revert": {
        "post":   (401, 401, 403, 403, 403, 400, 400),
        "put":    (401, 405, 405, 405, 405, 405, 405),
        "patch":  (401, 405, 405, 405, 405, 405, 405),
        "delete": (401, 405, 405, 405, 405, 405, 405),
    },
    "changes-list": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
    "me": {
        "post":   (401,    405,       405,    405,    405,   405,    405),
        "put":    (401,    405,       405,    405,    405,   405,    405),
        "patch":  (401,    405,       405,    405,    405,   405,    405),
        "delete": (401,    405,       405,    405,    405,   405,    405),
    },
}
# fmt: on
MATRIX = OF_A_TESTIMONY | STAFF_ONLY | OF_A_TIER | OF_NO_ROW | OF_ANOTHER_CODER | OF_THE_VAULT
CELLS = [(endpoint, state, row) for endpoint, rows in MATRIX.items() for state, row in rows.items()]
METHODS = ("post", "put", "patch", "delete")
PARTS = ("texts", "citations", "claims", "clearances")
"""Lists of them are of one testimony, and below its address."""
ABOVE = {"confusions": "agreement/"}
STATES = {
    "public": {},
    "partner": {"tier": Tier.PARTNER},
    "restricted": {"tier": Tier.RESTRICTED},
    "draft": {"status": "draft"},
    "in review": {"status": "in_review"},
    "embargoed": {"embargo_until": "2999-01-01T00:00:00Z"},
    "expired": {"uses": []},
    "closed": {},
    "withdrawn": {"status": "withdrawn"},
    "a coder's own": {"status": "draft"},
    "raised": {"given_country": "LB", "raised": {"given_country": int(Tier.RESTRICTED)}},
    "erased": {},
}


def make_in(state, user, **values):
    """A testimony in one of the states, with a text, a person and a source of its own. `user`: whose own it is, if it is."""
    values = {
        "title": f"Invented: {state}",
        "texts": ["Invented words."],
        "membership": None,
        "uses": ["research", "summary", "quote"],
        **STATES[state],
        **values,
    }
    if state == "a coder's own":
        values["created_by"] = user
    if state == "closed":
        values["collections"] = [make.make_collection(slug="closed", listing="closed")]
    testimony = make.make_testimony(**values)
    if state == "expired":
        make.make_clearance(testimony=testimony, ends_at="2021-01-01T00:00:00Z")
    return testimony


def make_records():
    """For each state a testimony; for each tier one of everything else."""
    found = SimpleNamespace(user=make.make_user(role=Role.CODER))
    with make.batch():
        other = make.make_testimony(membership=None).person
        for state in STATES:
            testimony = make_in(state, found.user)
            found.__dict__["testimonies", state] = found.__dict__["changes", state] = testimony
            found.__dict__["persons", state] = testimony.person
            found.__dict__["sources", state] = testimony.citations.get().source
            found.__dict__["texts", state] = testimony.texts.get()
            found.__dict__["citations", state] = testimony.citations.get()
            found.__dict__["claims", state] = make.make_claim(testimony=testimony)
            found.__dict__["clearances", state] = testimony.clearances.get()
            found.__dict__["corrections", state] = write(
                Correction,
                kind="testimony",
                testimony=testimony,
                record_id=testimony.pk,
                record_version=1,
                before={"title": "Invented"},
                proposed={"title": "Invented: another"},
                reason="Invented.",
                created_by=found.user,
            )
            found.__dict__["quotes", state] = make.make_quote(testimony=testimony)
            found.__dict__["same-person-links", state] = write(SamePersonLink, person=testimony.person, other=other)
        coded = make.make_code(parent=make.make_code())
        assignment = make.make_assignment(
            testimony=found.__dict__["testimonies", "public"], codebook=coded.codebook, state="submitted"
        )
        found.__dict__["assignments", "another's"] = assignment
        found.__dict__["codings", "another's"] = make.make_coding(assignment=assignment, code=coded)
        found.__dict__["decisions", "another's"] = make.make_decision(assignment=assignment)
        found.__dict__["erasures", "kept"] = Erasure.objects.create(pk=NEVER_THERE.replace("0", "1"), user=found.user)
        found.__dict__["imports", "kept"] = Import.objects.create(
            created_by=found.user, file_name="x.csv", digest="x", size=1, kind="csv"
        )
        found.__dict__["vault-openings", "kept"] = VaultOpening.objects.create(
            user=found.user, act="opened", purpose="Invented: a purpose", n_entries=0
        )
        found.__dict__["exports", "kept"] = Export.objects.create(
            user=found.user, tier=Tier.PUBLIC, resource="testimonies", format="csv", digest=b"x"
        )
        found.__dict__["imports", "kept"] = Import.objects.create(
            created_by=found.user, file_name="x.csv", digest="x", size=1, kind="csv"
        )
        found.__dict__["import-mappings", "kept"] = ImportMapping.objects.create(name="Invented")
        found.__dict__["confusions", "kept"] = make_confusion()
        collection, codebook, campaign = make.make_collection(), make.make_codebook(), make.make_campaign()
        for tier in Tier:
            use = make.make_use(campaign=campaign, tier=tier)
            for noun, made in (
                ("campaigns", make.make_campaign(tier=tier)),
                ("uses", use),
                ("measurements", make.make_measurement(use=use)),
                ("groups", make.make_group(tier=tier)),
                ("collections", make.make_collection(tier=tier)),
                ("figures", make.make_figure(collection=collection, tier=tier)),
                ("codebooks", make.make_codebook(tier=tier)),
                ("codes", make.make_code(codebook=codebook, tier=tier)),
            ):
                found.__dict__[noun, tier.label] = made
    erase(found.__dict__["testimonies", "erased"])
    return found


def erase(testimony):
    """As a custodian does; what was made of it is known by its ids alone."""
    user, now = make.make_user(role=Role.CUSTODIAN), actors.caller(None).actor.now
    custodian = Actor(role=Role.CUSTODIAN, tier=Tier.RESTRICTED, now=now, user_id=user.pk)
    erasure.erase(testimony.pk, by=custodian, version=None)


def withdraw_at_once(testimony):
    """As a custodian does."""
    user, now = make.make_user(role=Role.CUSTODIAN), actors.caller(None).actor.now
    custodian = Actor(role=Role.CUSTODIAN, tier=Tier.RESTRICTED, now=now, user_id=user.pk)
    workflow.move(testimony.pk, by=custodian, version=None, to="withdrawn", note="Invented.")


def make_confusion():
    """Two coders have submitted; one of them found the code."""
    one, other = (
        make.make_assignment(testimony=testimony, codebook=code.codebook, state="submitted")
        for code in [make.make_code(parent=make.make_code())]
        for testimony in [make.make_testimony(membership=None)]
        for _ in range(2)
    )
    return make.make_coding(assignment=one, code=one.codebook.codes.get(is_assignable=True), memo=str(other.pk))


@pytest.fixture(scope="module")
def made(keep):
    return keep(make_records)


def routes(resolver, prefix=""):
    """Name and path of every route below /api/v1/."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith("api/v1/"):
            yield entry.name, path


def test_every_route_is_in_the_table():
    names = {name for name, _ in routes(get_resolver())}
    assert len(names) == 106
    assert names == set(MATRIX) == set(WRITES)


def test_every_state_is_in_the_table():
    assert {tuple(rows) for rows in OF_A_TESTIMONY.values()} == {tuple(STATES)}
    assert {tuple(rows) for rows in STAFF_ONLY.values()} == {tuple(STATES)}
    assert {tuple(rows) for rows in OF_A_TIER.values()} == {tuple(tier.label for tier in Tier)}
    assert {len(row) for _, _, row in CELLS} == {len(CALLERS)}
    assert {tuple(rows) for rows in WRITES.values()} == {METHODS}
    assert {len(row) for rows in WRITES.values() for row in rows.values()} == {len(CALLERS)}


def test_there_are_enough_cells():
    assert sum(len(row) for _, _, row in CELLS) >= 300
    assert len({(endpoint, state) for endpoint, state, _ in CELLS}) == len(CELLS)


def noun_of(endpoint):
    """Most actions are one word."""
    noun = endpoint.removesuffix("-next-version").removesuffix("-carry-over")
    return noun if noun != endpoint else endpoint.rpartition("-")[0] or endpoint


def address(endpoint, row):
    noun, action = noun_of(endpoint), endpoint.removeprefix(noun_of(endpoint)).removeprefix("-")
    if not action:
        return f"/api/v1/{endpoint}/"
    above = f"testimonies/{row.testimony_id}/" if noun in PARTS else ABOVE.get(noun, "")
    below = (
        ""
        if action == "list"
        else f"{action}/"
        if action in {"import", "columns"}
        else f"{row.pk}/"
        if action == "detail"
        else f"{row.pk}/{action}/"
    )
    return f"/api/v1/{above}{noun}/{below}"


def outcome(client, endpoint, row):
    """The cell: a status, or in a list how many rows are this one. All of it as a file is the same."""
    response = client.get(address(endpoint, row or NEVER))
    if response.status_code != 200 or not endpoint.endswith("-list"):
        return response.status_code
    body = response.json()
    if endpoint == "changes-list":
        found = body["testimonies"]
    else:
        found = body["results"]
        exported = client.get(address(endpoint, row or NEVER), {"format": "ndjson"}, headers=WHY)
        if endpoint != "exports-list":  # this one is now among them
            assert [json.loads(line) for line in exported.content.splitlines()] == found
    assert noun_of(endpoint) not in PARTS or len(found) == 1
    return sum(item["id"] == str(row.pk) for item in found)


@pytest.mark.parametrize("cell", CELLS, ids=[f"{endpoint}-{state}" for endpoint, state, _ in CELLS])
def test_the_matrix(api, settings, made, cell):
    endpoint, state, expected = cell
    row = made.__dict__.get((noun_of(endpoint), state))
    assert (row is None) is (endpoint in OF_NO_ROW)
    found = [outcome(api.as_(caller), endpoint, row) for caller in CALLERS[1:]]
    settings.PUBLIC_READ = False
    assert (outcome(api, endpoint, row), *found) == expected


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("endpoint", WRITES)
def test_who_writes_here(api, settings, made, endpoint, method):
    """The same whether the row is seen, hidden or never there: who may not write is not told, and who may learns what is missing."""
    noun = noun_of(endpoint)
    rows = [made.__dict__.get((noun, state), NEVER) for state in ("public", "restricted", "draft")]

    def statuses(client):
        (status,) = {
            getattr(client, method)(address(endpoint, row), data="{}", content_type="application/json").status_code
            for row in (*rows, NEVER)
        }
        return status

    found = [statuses(api.as_(caller)) for caller in CALLERS[1:]]
    settings.PUBLIC_READ = False
    assert (statuses(api), *found) == WRITES[endpoint][method]


# --- A coder's own: keys belong to apps, so only an actor with an account has any ------------------------------------

OWN = [
    # state and author of a testimony; then whether its coder, another coder, a coder's key and an editor see it
    ("draft", "coder", (True, False, False, True)),
    ("in_review", "coder", (True, False, False, True)),
    ("published", "coder", (True, True, True, True)),
    ("withdrawn", "coder", (False, False, False, True)),
    ("draft", "another", (False, True, False, True)),
    ("draft", "command", (False, False, False, True)),
    ("published", "command", (True, True, True, True)),
]


@pytest.mark.parametrize(("status", "author", "expected"), OWN)
@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.RESTRICTED])
def test_a_coder_sees_their_own(status, author, expected, tier):
    users = {name: make.make_user(role=Role.CODER) for name in ("coder", "another")}
    testimony = make.make_testimony(
        status=status, created_by=users.get(author), tier=tier, texts=["Invented."], membership=None
    )
    source = testimony.citations.get().source_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    staff = {"tier": Tier.RESTRICTED, "now": now}
    who = (
        Actor(role=Role.CODER, user_id=users["coder"].pk, **staff),
        Actor(role=Role.CODER, user_id=users["another"].pk, **staff),
        Actor(role=Role.CODER, **staff),
        Actor(role=Role.EDITOR, user_id=users["coder"].pk, **staff),
    )

    def ways(actor):
        context = Context(actor, reference.at(actors.caller(None).revision))
        query = parameters.read(
            TestimonyViewSet.declared, {"count": ["exact"], "person": [str(testimony.person_id)]}, context
        )
        page = documents.testimonies(query, actor)
        yield len(page.items) == page.count == 1
        yield opens(documents.testimony, str(testimony.pk), actor)
        yield opens(documents.testimony, testimony.ref, actor)
        texts = parameters.read(TextViewSet.declared, {}, context)
        yield opens(documents.texts, str(testimony.pk), texts, actor)
        yield opens(documents.shared_document, "person", str(testimony.person_id), "P", actor)
        yield opens(documents.shared_document, "source", str(source), "S", actor)

    assert tuple(set(ways(actor)) for actor in who) == tuple({sees} for sees in expected)


def opens(read, *arguments):
    try:
        read(*arguments)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.PARTNER])
def test_a_coder_who_reads_a_lower_tier_has_no_own_there(tier):
    user = make.make_user(role=Role.CODER)
    testimony = make.make_testimony(status="draft", created_by=user, membership=None)
    now = actors.caller(None).actor.now
    assert opens(
        documents.testimony, str(testimony.pk), Actor(role=Role.CODER, user_id=user.pk, tier=Tier.RESTRICTED, now=now)
    )
    assert not opens(
        documents.testimony, str(testimony.pk), Actor(role=Role.CODER, user_id=user.pk, tier=tier, now=now)
    )
