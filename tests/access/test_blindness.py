"""Whoever codes and has not submitted learns nothing of what others coded there, whatever they ask (docs/adr/0025).

The curious coder is asked by proxy: pairs of worlds that differ only in what others coded, how far they are and what was
decided are asked every operation of docs/openapi.yaml, and every page of the desk. Status, body and headers are compared.
An editor who codes is as blind there as any coder.
"""

import re
from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest
from django.db import transaction
from django.test.client import Client

from testimonies import models
from testimonies.access import Role
from testimonies.models import ApiKey, Assignment, Coding, ConsensusCode, Decision
from testimonies.projections import reading
from tests import factories as make
from tests.access.test_non_interference import Ask, answers, draw, operations
from tests.access.worlds import words
from tests.contract.seed import SEED

PAIRS = 4
CURIOUS = ("coder", "editor")
IDS = [UUID(f"{n}{n}{n}{n}{n}{n}{n}{n}-1111-4111-8111-111111111111") for n in range(1, 6)]
"""Of what others made: asked for by its address, whether it is there or not."""
BODY = "Invented words: ash, birch and oak."


class World:
    """A published testimony that the curious code, and have begun to; beside it one that nobody codes."""

    def __init__(self) -> None:
        self.users = {role: ApiKey.objects.get(role=role).user for role in CURIOUS}
        with make.batch():
            dimension = make.make_code()
            self.codebook = dimension.codebook
            self.codes = [make.make_code(parent=dimension) for _ in range(3)]
            self.testimony = make.make_testimony(texts=[BODY], codes=self.codes[:1], coding_status="single_reader")
            self.other = make.make_testimony(codes=self.codes[1:2])
            self.text = self.testimony.texts.get()
            self.own = {role: self._assign(user, "in_progress") for role, user in self.users.items()}
            self.codings = {
                role: make.make_coding(assignment=own, code=self.codes[0], text=self.text, quote="ash")
                for role, own in self.own.items()
            }

    def _assign(self, user: models.User, state: str, **values) -> Assignment:
        return make.make_assignment(testimony=self.testimony, codebook=self.codebook, coder=user, state=state, **values)

    def known(self, role: str) -> dict[str, list[str]]:
        role = role if role in CURIOUS else "coder"
        hidden = [str(one) for one in IDS]
        return {
            "testimonies": [str(self.testimony.pk), self.testimony.ref, str(self.other.pk)],
            "persons": [str(self.testimony.person_id)],
            "texts": [str(self.text.pk)],
            "codebooks": [str(self.codebook.pk), self.codebook.slug],
            "codes": [str(code.pk) for code in self.codes] + [code.slug for code in self.codes],
            "assignments": [str(self.own[role].pk), *hidden],
            "codings": [str(self.codings[role].pk), *hidden],
            "decisions": hidden,
        }

    def others_work(self, random: Random) -> None:
        """What differs: others are asked, code, submit; something was decided, and the consensus is another."""
        ids = iter(IDS)
        with make.batch():
            for _ in range(random.randint(0, 3)):
                state = random.choice(["open", "in_progress", "submitted", "returned"])
                given = self._assign(make.make_user(role=Role.CODER), state, id=next(ids), note=words(random))
                for number, code in enumerate(random.sample(self.codes, k=random.randint(0, 3))):
                    passage = random.choice([{}, {"text": self.text, "quote": random.choice(["ash", "birch", "oak"])}])
                    own = {"id": given.pk} if number == 0 else {}
                    presence = random.choice(["present", "absent", "uncertain"])
                    make.make_coding(
                        assignment=given, code=code, memo=words(random), presence=presence, **passage, **own
                    )
                if random.random() < 0.5 and not Decision.objects.exists():
                    make.make_decision(assignment=given, id=given.pk, reason=words(random))
            ConsensusCode.objects.filter(testimony=self.testimony).delete()
            for code in random.sample(self.codes, k=random.randint(0, 3)):
                ConsensusCode.objects.create(testimony=self.testimony, code=code)


@pytest.fixture
def world(db, settings, keys) -> World:
    settings.PUBLIC_READ = True
    for headers in keys.values():  # that a key is used is noted once
        Client(headers=headers, SERVER_NAME="localhost").get("/api/v1/me/")
    return World()


def differences(world: World, keys: dict, random: Random, *roles: str) -> Iterator[str]:
    reads = [operation for operation in operations() if operation.method == "get"]
    asked = {role: [draw(random, one, world.known(role)) for one in (*operations(), *reads)] for role in roles}
    pair = []
    for seed in (random.random(), random.random()):
        with transaction.atomic():
            world.others_work(Random(seed))
            pair.append([found for role in roles for found in told(role, keys, asked[role])])
            transaction.set_rollback(True)
    for (ask, one), (_, other) in zip(*pair, strict=True):
        if one != other:
            yield f"{ask.method} {ask.path}?{ask.query}\n  {one}\n  {other}"


def told(role: str, keys: dict, asked: list[Ask]) -> Iterator[tuple[Ask, object]]:
    """The answers; what somebody writes is undone, and what is new each time is not compared."""
    for ask in asked:
        if ask.method == "get":
            yield from answers(role, keys, [ask])
            continue
        with transaction.atomic():
            ((_, (status, body, headers)),) = answers(role, keys, [ask])
            transaction.set_rollback(True)
        yield ask, (status, NEW.sub("new", body.decode()), headers.keys())


NEW = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[TPS]-[0-9A-Z]{8}|20[0-9-]{8}T[0-9:.]+Z")


@pytest.mark.parametrize("number", range(PAIRS))
@pytest.mark.parametrize("role", CURIOUS)
def test_who_codes_learns_nothing_of_what_others_code(world, keys, role, number):
    found = list(differences(world, keys, Random(f"{SEED} {role} {number}"), role))
    assert not found, f"{len(found)} answers differ; TEST_SEED={SEED}\n" + "\n".join(found[:3])


def test_nor_does_anybody_of_the_consensus(world, keys):
    """Withheld from every tier as long as one assignment is open."""
    found = list(differences(world, keys, Random(f"{SEED} consensus"), "anonymous", "reader"))
    assert not found, "\n".join(found[:3])


CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


def pages(world: World, role: str) -> list[tuple[str, int, bytes]]:
    client = Client()
    client.force_login(world.users[role])
    change = f"/admin/testimonies/testimony/{world.testimony.pk}"
    found = []
    for path in ("/admin/", "/admin/testimonies/testimony/", f"{change}/change/", f"{change}/history/"):
        response = client.get(path)
        found.append((path, response.status_code, CSRF.sub(b"", response.content)))
    return found


@pytest.mark.parametrize("role", CURIOUS)
def test_nor_at_the_desk(world, role):
    pair = []
    for seed in ("one", "two"):
        with transaction.atomic():
            world.others_work(Random(f"{SEED} {seed}"))
            pair.append(pages(world, role))
            transaction.set_rollback(True)
    assert pair[0] == pair[1]
    assert [status for _, status, _ in pair[0]] == [200] * 4


@pytest.mark.parametrize("role", CURIOUS)
def test_once_submitted_they_see(world, api, role):
    """The other side: refusing everybody everything would pass the tests above."""
    other = world._assign(make.make_user(role=Role.CODER), "submitted")
    theirs = make.make_coding(assignment=other, code=world.codes[1])
    client = api.as_(role)

    def seen():
        listed = client.get("/api/v1/codings/", {"testimony": world.testimony.ref, "count": "exact"}).json()
        below = client.get(f"/api/v1/testimonies/{world.testimony.ref}/codings/").json()
        assert {one["id"] for one in listed["results"]} == {one["id"] for one in below["results"]}
        assert listed["count"] == len(listed["results"])
        return {one["id"] for one in listed["results"]}

    assert seen() == {str(world.codings[role].pk)}
    assert client.get(f"/api/v1/codings/{theirs.pk}/").status_code == 404
    url = f"/api/v1/assignments/{world.own[role].pk}/transition/"
    assert client.post(url, {"to": "submitted"}, content_type="application/json").status_code == 200
    assert seen() >= {str(world.codings[role].pk), str(theirs.pk)}
    assert client.get(f"/api/v1/codings/{theirs.pk}/").status_code == 200


def test_a_coder_who_was_not_asked_sees_none(world, api):
    make.make_coding(assignment=world._assign(make.make_user(role=Role.CODER), "submitted"), code=world.codes[1])
    with make.batch():
        models.Assignment.objects.filter(pk=world.own["coder"].pk).delete()
    assert api.as_("coder").get("/api/v1/codings/").json()["results"] == []
    assert api.as_("coder").get(f"/api/v1/testimonies/{world.testimony.ref}/comparison/").json()["codebooks"] == []


def all_codings(monkeypatch):
    """Codings are everybody's on the desk's tier."""
    monkeypatch.setattr(models.codings.CodingQuerySet, "visible_to", lambda self, _: self.all())


def codes_in_the_projection(monkeypatch):
    """What was decided before is shown although somebody codes."""
    monkeypatch.setattr(reading, "TESTIMONIES", reading.TESTIMONIES.replace("a.state <> 'submitted'", "false"))


@pytest.mark.parametrize("leak", [all_codings, codes_in_the_projection])
def test_a_planted_leak_is_noticed(world, keys, monkeypatch, leak):
    leak(monkeypatch)
    with make.batch():  # as the leak has it
        models.Testimony.objects.filter(pk=world.testimony.pk).update(title="Invented: another title")
    pairs = (differences(world, keys, Random(f"planted {number}"), "coder") for number in range(6))
    assert any(list(found) for found in pairs)


def test_a_coding_like_anothers_is_no_coding_twice(world, api):
    other = world._assign(make.make_user(role=Role.CODER), "in_progress")
    make.make_coding(assignment=other, code=world.codes[2], text=world.text, quote="oak")
    start = BODY.index("oak")
    body = {
        "testimony_id": str(world.testimony.pk),
        "code_id": str(world.codes[2].pk),
        "text_id": str(world.text.pk),
        "start": start,
        "end": start + 3,
        "quote": "oak",
    }
    response = api.as_("coder").post("/api/v1/codings/", body, content_type="application/json")
    assert response.status_code == 201
    assert Coding.objects.filter(code=world.codes[2]).count() == 2


@pytest.mark.parametrize("status", ["draft", "in_review", "published", "withdrawn"])
@pytest.mark.parametrize("state", ["open", "submitted"])
def test_a_coder_reads_what_is_assigned_to_them(world, api, status, state):
    """In every state but withdrawn, with its person and sources; the list and every address agree."""
    testimony = make.make_testimony(status=status, texts=["Invented."])
    addresses = [
        f"/api/v1/testimonies/{testimony.ref}/",
        f"/api/v1/testimonies/{testimony.ref}/texts/",
        f"/api/v1/persons/{testimony.person.ref}/",
        f"/api/v1/sources/{testimony.citations.get().source_id}/",
    ]

    def seen():
        page = api.as_("coder").get("/api/v1/testimonies/", {"person": testimony.person.ref}).json()["results"]
        return {api.as_("coder").get(url).status_code for url in addresses}, len(page)

    assert seen() == (({200}, 1) if status == "published" else ({404}, 0))
    make.make_assignment(testimony=testimony, coder=world.users["coder"], state=state)
    assert seen() == (({404}, 0) if status == "withdrawn" else ({200}, 1))
