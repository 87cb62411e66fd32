"""Persons at the desk: shown, saved through their service, refused."""

from testimonies.models import Person
from tests.admin.pages import errors_of
from tests.writers import nothing_is_stale


def path(person) -> str:
    return f"person/{person.pk}/change/"


def test_the_list_shows_whom_one_may_see(desk):
    response = desk.at("author").get("person/")
    assert response.status_code == 200
    assert {row.pk for row in response.context["cl"].result_list} == {desk.person.pk, desk.published.person_id}
    assert {row.pk for row in desk.at("coder").get("person/").context["cl"].result_list} == {desk.published.person_id}


def test_only_what_was_changed_is_saved_and_by_whom(desk):
    form = desk.at("author").open(path(desk.person))
    response = desk.at("author").send(path(desk.person), form, gender="female", nationality="IQ")
    assert response.status_code == 302, errors_of(response)
    person = Person.objects.get(pk=desk.person.pk)
    assert (person.gender, person.nationality, person.name, person.version) == ("female", "IQ", desk.person.name, 2)
    assert nothing_is_stale()


def test_nothing_changed_saves_nothing(desk):
    form = desk.at("author").open(path(desk.person))
    assert desk.at("author").send(path(desk.person), form).status_code == 302
    assert Person.objects.get(pk=desk.person.pk).version == 1


def test_somebody_new_is_entered_with_names(desk):
    form = desk.at("coder").open("person/add/")
    names = {"other_names-0-value": "Invented Other", "other_names-0-kind": "kunya", "other_names-0-tier": "2"}
    ids = {"external_ids-0-system": "invented", "external_ids-0-value": "p-1"}
    words = {"missing-nationality": "unknown", "raised-gender": "1"}
    response = desk.at("coder").send(
        "person/add/", form, name="Invented", name_kind="initials", **names, **ids, **words
    )
    assert response.status_code == 302, errors_of(response)
    person = Person.objects.get(name="Invented")
    assert person.created_by == desk.users["coder"]
    assert list(person.other_names.values_list("value", "kind", "tier")) == [("Invented Other", "kunya", 2)]
    assert list(person.external_ids.values_list("system", "value")) == [("invented", "p-1")]
    assert (person.missing, person.raised) == ({"nationality": "unknown"}, {"gender": 1})
    assert nothing_is_stale()


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(desk):
    form = desk.at("author").open(path(desk.person))
    response = desk.at("author").send(path(desk.person), form, nationality="Syria", origin_stated="Invented place")
    assert set(errors_of(response)) == {"nationality"}
    assert b'value="Invented place"' in response.content
    response = desk.at("author").send(path(desk.person), form, nationality="XX", name="", **{"other_names-0-value": ""})
    assert errors_of(response)["nationality"][0].startswith("Write a country")
    response = desk.at("author").send(path(desk.person), form, name_kind="none")
    assert errors_of(response)["__all__"] == ["Not so for this record: person without a name has none."]
    assert Person.objects.get(pk=desk.person.pk).version == 1


def test_a_hidden_person_is_no_different_from_one_that_never_was(desk):
    hidden = desk.at("coder").get(path(desk.person))
    never = desk.at("coder").get("person/00000000-0000-4000-8000-000000000000/change/")
    assert (hidden.status_code, hidden.url) == (never.status_code, never.url) == (302, "/admin/")


def test_of_what_is_published_a_coder_shows_less_and_nothing_else(desk):
    person = desk.published.person
    form = desk.at("author").open(path(person))
    response = desk.at("author").send(path(person), form, gender="female")
    assert "What is published is frozen" in errors_of(response)["__all__"][0]
    assert response.context["adminform"].form["gender"].value() == "female"
    assert Person.objects.get(pk=person.pk).gender == "male"
    assert desk.at("author").send(path(person), form, disclosure="withheld").status_code == 302
    assert Person.objects.get(pk=person.pk).disclosure == "withheld"


def test_of_what_is_published_an_editor_changes_nothing_that_shows(desk):
    person = desk.published.person
    form = desk.at("editor").open(path(person))
    response = desk.at("editor").send(path(person), form, nationality="IQ")
    assert "What is published is frozen" in errors_of(response)["__all__"][0]
    assert Person.objects.get(pk=person.pk).nationality == "SY"


def test_somebody_is_deleted_at_the_version_shown(desk):
    lone = desk.at("author")
    person = desk.published.person
    response = desk.at("editor").client.post(f"/admin/testimonies/person/{person.pk}/delete/", {"version": "1"})
    assert response.status_code == 409
    assert "Still needed by" in response.context["refusal"]
    assert Person.objects.filter(pk=person.pk).exists()
    form = lone.open("person/add/")
    lone.send("person/add/", form, name="Invented lone", name_kind="initials")
    person = Person.objects.get(name="Invented lone")
    for version in ("", "7", "x", "9" * 30):
        response = lone.client.post(f"/admin/testimonies/person/{person.pk}/delete/", {"version": version})
        assert response.status_code == 409
    shown = lone.open(f"person/{person.pk}/delete/")
    assert lone.send(f"person/{person.pk}/delete/", shown).status_code == 302
    assert not Person.objects.filter(pk=person.pk).exists()
