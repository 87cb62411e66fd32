"""Figures that the README shows are those that come out."""

import pytest

from tests.client import DOCUMENT

README = (DOCUMENT.parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("collections")
def test_the_agreement_of_the_two_invented_coders(api):
    found = api.as_("editor").get("/api/v1/agreement/", {"codebook": "icsr2015@1.1.0"}).json()
    assert (found["n_testimonies"], found["n_waiting"], len(found["coders"])) == (3, 0, 2)
    scopes = {(row["scope"], row["slug"]): row for row in found["results"]}
    for name, key in (
        ("all codes", ("overall", "")),
        *((f"dimension `{slug}`", ("dimension", slug)) for slug in ("joining", "leaving", "experience")),
    ):
        row = scopes[key]
        (pair,) = row["kappas"]
        line = (
            f"| {name} | {row['alpha']:.3f} | {pair['kappa']:.3f} | {row['percent_agreement']:.1%} | {row['n_units']} |"
        )
        assert line in README
    assert scopes["overall", ""]["interval_reason"] == "fewer_than_ten_units"
    undefined = [row for row in found["results"] if row["scope"] == "code" and row["alpha_reason"] == "no_variation"]
    codes = [row for row in found["results"] if row["scope"] == "code"]
    assert f"Of {len(undefined)} of the {len(codes)} codes alpha is *undefined*" in README
