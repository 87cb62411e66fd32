"""What the API shows of a testimony, and what it takes, are columns that an import knows, new ones too."""

from typing import get_type_hints

import pytest

from testimonies.api.v1 import testimonies
from testimonies.projections import exposure, shapes
from testimonies.services.importing import columns


def names(shape, prefix=""):
    for key, hint in get_type_hints(shape, include_extras=True).items():
        inner = exposure.inner(hint)
        if inner and "list[" not in str(hint):
            yield from names(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@pytest.mark.parametrize("shape", [shapes.TestimonySummary, shapes.Testimony])
def test_every_key_of_a_document_is_a_column(shape):
    found = list(names(shape))
    assert len(found) > 40
    assert [name for name in found if columns.find(name) is None] == []


def test_every_key_of_a_body_is_a_column():
    """But for the person, who is named within the row."""
    assert {name for name in testimonies.TestimonyWriteSerializer().fields if columns.find(name) is None} == {
        "person_id"
    }
