"""/api/v1/codebooks/{id}/qdpx/: coded testimonies for other software, as far as the caller may see who coded what."""

import pytest

from testimonies.access import Role
from tests import factories as make
from tests.client import Api
from tests.values.test_qdpx import every, fits_the_standard

pytestmark = pytest.mark.django_db
BODY = "Ash 👩‍👩‍👧 fell, وعنف\r\nand e\u0301 <&>."


def asked_by(user, role):
    secret = make.make_key(role=role, user=user)[1]
    return Api({"one": {"Authorization": f"Bearer {secret}"}}, "one")


@pytest.fixture
def coded(db):
    """One testimony that one coder submitted and another still codes, blind."""
    with make.batch():
        book = make.make_codebook(slug="alpha", edition="1")
        leaving = make.make_code(codebook=book, slug="leaving", label="Leaving")
        code = make.make_code(parent=leaving, slug="violence", label="Violence")
        testimony = make.make_testimony(texts=[BODY, "Another text."])
    first, second = (make.make_user(role=Role.CODER) for _ in range(2))
    text = testimony.texts.order_by("position").first()
    for coder, state, quote in ((first, "submitted", "وعنف"), (second, "in_progress", "e\u0301 <")):
        assignment = make.make_assignment(testimony=testimony, codebook=book, coder=coder, state=state)
        make.make_coding(assignment=assignment, code=code, text=text, quote=quote, memo=f"Said {state}: <é>")
        make.make_coding(assignment=assignment, code=code)
        make.make_coding(assignment=assignment, code=leaving, presence="absent")
    other = make.make_assignment(testimony=testimony, codebook=make.make_codebook(), state="submitted")
    make.make_coding(assignment=other, code=make.make_code(codebook=other.codebook))
    return {"book": book, "testimony": testimony, "text": text, "first": first, "second": second, "code": code}


def project(client, coded):
    answer = client.get(f"/api/v1/codebooks/{coded['book'].pk}/qdpx/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alpha-1.qdpx"'
    return fits_the_standard(answer.content)


def passages(root):
    return [
        (one.attributes["name"], int(one.attributes["startPosition"]), int(one.attributes["endPosition"]))
        for one in every(root, "PlainTextSelection")
    ]


def test_an_editor_gets_every_coding_with_its_words_and_coder(api, coded):
    root, files = project(api.as_("editor"), coded)
    name = f"sources/{str(coded['text'].pk).upper()}.txt"
    assert files[name].decode() == BODY
    assert len(files) == 3
    assert [words for words, _, _ in passages(root)] == ["وعنف", "e\u0301 <"]
    assert [BODY[start:end] for _, start, end in passages(root)] == ["وعنف", "e\u0301 <"]
    assert {user.attributes["name"] for user in every(root, "User")} == {
        coded["first"].username,
        coded["second"].username,
    }
    assert [one.attributes["name"] for one in every(root, "Code")] == ["Leaving", "Violence"]
    assert len(every(root, "Coding")) == 4  # what is absent has no place in the standard
    assert {one.text for one in every(root, "Description")} == {"Said submitted: <é>", "Said in_progress: <é>"}
    assert [case.attributes["name"] for case in every(root, "Case")] == [coded["testimony"].ref]
    assert {one.attributes["targetGUID"] for one in every(root, "CodeRef")} == {str(coded["code"].guid).upper()}


def test_a_blind_coder_gets_their_own_and_nothing_of_others(coded):
    root, _ = project(asked_by(coded["second"], Role.CODER), coded)
    assert [words for words, _, _ in passages(root)] == ["e\u0301 <"]
    assert [user.attributes["name"] for user in every(root, "User")] == [coded["second"].username]
    assert len(every(root, "Coding")) == 2


def test_who_has_submitted_sees_what_others_submitted(coded):
    root, _ = project(asked_by(coded["first"], Role.CODER), coded)
    assert [words for words, _, _ in passages(root)] == ["وعنف"]


def test_who_codes_nothing_gets_the_codebook_alone(api, coded):
    root, files = project(api.as_("coder"), coded)
    assert [child.name for child in root.children] == ["CodeBook"]
    assert files.keys() == {"project.qde"}


def test_others_are_refused_and_what_is_hidden_is_not_there(api, coded):
    for role in ("reader", "public"):
        assert api.as_(role).get(f"/api/v1/codebooks/{coded['book'].pk}/qdpx/").status_code == 403
    never = "/api/v1/codebooks/00000000-0000-4000-8000-000000000000/qdpx/"
    assert api.as_("editor").get(never).status_code == 404
