"""Who is let in, as whom, and up to where: keys, the anonymous setting, and header garbage."""

import datetime as dt

import pytest
from django.db import connection

from testimonies.access import Role, Tier
from testimonies.models import ApiKey
from testimonies.selectors import actors
from testimonies.services import keys as key_service
from tests import factories as make
from tests.api.answers import everything, titles
from tests.api.conftest import headers_of
from tests.client import Api

pytestmark = pytest.mark.django_db
ME, LIST = "/api/v1/me/", "/api/v1/testimonies/"
PATHS = [
    ME, LIST, f"{LIST}x/", f"{LIST}x/texts/", f"{LIST}x/citation/",
    *(f"/api/v1/{name}/" for name in ("persons", "sources", "groups", "collections", "figures", "codebooks", "codes")),
    *(f"/api/v1/{name}/x/" for name in ("persons", "sources", "groups", "collections", "figures", "codebooks", "codes")),
    "/api/v1/codebooks/x/tree/",
]  # fmt: skip
FOR_STAFF = [
    f"{LIST}x/claims/",
    f"{LIST}x/claims/x/",
    f"{LIST}x/codes/",
    f"{LIST}x/transitions/",
    "/api/v1/same-person-links/",
]
ALLOW = dict.fromkeys((ME, f"{LIST}x/citation/", "/api/v1/codebooks/x/tree/"), "GET, HEAD") | {
    f"{LIST}x/codes/": "GET, HEAD, PUT"
}


def make_records():
    with make.batch():
        for title, uses, values in [
            ("research", ["research"], {}),
            ("campaign", ["campaign"], {}),
            ("both", ["research", "campaign"], {}),
            ("none", [], {}),
            ("partner", ["research"], {"tier": Tier.PARTNER}),
            ("restricted", ["research"], {"tier": Tier.RESTRICTED}),
            ("draft", ["research"], {"status": "draft"}),
        ]:
            made = make.make_testimony(title=title, uses=uses, sources=[], membership=None, **values)
        return made


@pytest.fixture(scope="module", autouse=True)
def made(keep):
    return keep(make_records)


@pytest.fixture
def client(settings):
    """A client with the key that is given, or with the header as it is: `client("Basic x")`. Nobody is let in without."""
    settings.PUBLIC_READ = False

    def client(authorization=None):
        return Api({"anonymous": {} if authorization is None else {"Authorization": authorization}})

    return client


def key_client(client, **values):
    key, secret = make.make_key(**values)
    return key, client(headers_of(secret)["Authorization"])


def refused(response, code):
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    return True


# --- Nobody in particular -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_unless_a_setting_opens_what_is_public(client, settings, path):
    assert refused(client().get(path), "not_authenticated")
    settings.PUBLIC_READ = True
    assert client().get(path).status_code == (404 if "/x/" in path else 200)


def test_nobody_reads_the_public_tier(client, settings):
    settings.PUBLIC_READ = True
    assert set(titles(client().get(LIST))) == {"research", "campaign", "both"}
    me = client().get(ME).json()
    assert (me["role"], me["tier"], me["key"], me["uses"], me["expires_at"]) == ("anonymous", "public", "", [], None)


def test_a_closed_door_says_nothing_about_what_is_behind_it(client, made):
    """Only which methods the address has, as documented, whether or not there is anything."""
    status, there, body = everything(client().get(LIST))
    for path in (*PATHS, *FOR_STAFF):
        allow = {
            "Allow": ALLOW.get(path, "GET, HEAD, PUT, PATCH, DELETE" if path.endswith("/x/") else "GET, HEAD, POST")
        }
        for url in (path, f"{path}?never_heard_of=1", path.replace("/x/", f"/{made.pk}/")):
            assert everything(client().get(url)) == (status, there | allow, body)


# --- Keys that do not work ------------------------------------------------------------------------------------------

GARBAGE = {
    "empty": lambda secret: "",
    "no key": lambda secret: "Bearer",
    "spaces": lambda secret: "Bearer   ",
    "no scheme": lambda secret: secret,
    "another scheme": lambda secret: f"Token {secret}",
    "basic": lambda secret: "Basic dXNlcjpwYXNzd29yZA==",
    "unknown": lambda secret: "Bearer trs_never",
    "longer": lambda secret: f"Bearer {secret}x",
    "shorter": lambda secret: f"Bearer {secret[:-1]}",
    "another case": lambda secret: f"Bearer {secret.swapcase()}",
    "twice": lambda secret: f"Bearer {secret} {secret}",
    "a list": lambda secret: f"Bearer {secret}, Bearer {secret}",
    "in quotes": lambda secret: f'Bearer "{secret}"',
    "a tab": lambda secret: f"Bearer\t{secret}",
    "its digest": lambda secret: f"Bearer {ApiKey.digest_of(secret).hex()}",
    "latin": lambda secret: "Bearer é",
    "no characters": lambda secret: "Bearer \x00\x01\x7f",
    "undecodable": lambda secret: "Bearer \udcff\udce9",
    "sql": lambda secret: "Bearer ' OR 1=1 --",
    "long": lambda secret: "Bearer " + "x" * 50_000,
}


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("how", GARBAGE)
def test_a_header_that_is_no_working_key_is_refused(client, settings, how, is_open):
    """Even where nobody in particular may read: whoever shows a wrong key should hear of it."""
    _, secret = make.make_key()
    settings.PUBLIC_READ = is_open
    assert client(f"Bearer {secret}").get(LIST).status_code == 200
    for path in (LIST, ME):
        assert refused(client(GARBAGE[how](secret)).get(path), "invalid_key")


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}  "])
def test_the_scheme_is_read_as_http_says(client, spelling):
    _, secret = make.make_key()
    assert client(spelling.format(secret)).get(ME).json()["role"] == "reader"


def test_unknown_revoked_and_expired_keys_are_answered_alike(client, now):
    revoked, expired = key_client(client)[1], key_client(client)[1]
    assert titles(revoked.get(LIST)) == titles(expired.get(LIST)) != []
    first, second = ApiKey.objects.order_by("-pk")[:2][::-1]
    ApiKey.objects.filter(pk=first.pk).update(revoked_at=now)
    ApiKey.objects.filter(pk=second.pk).update(
        created_at=now - dt.timedelta(days=2), expires_at=now - dt.timedelta(days=1)
    )
    unknown = everything(client("Bearer trs_never").get(LIST))
    assert everything(revoked.get(LIST)) == everything(expired.get(LIST)) == unknown
    assert unknown[0] == 401


EXPIRES = [
    # seconds from PostgreSQL's now until the key expires
    (None, 200),
    (3600, 200),
    (1, 200),
    (0, 401),
    (-1, 401),
]


@pytest.mark.parametrize(("seconds", "status"), EXPIRES)
def test_a_key_works_until_the_moment_it_expires(client, now, seconds, status):
    expires_at = None if seconds is None else now + dt.timedelta(seconds=seconds)
    _, caller = key_client(client, created_at=now - dt.timedelta(days=9), expires_at=expires_at)
    response = caller.get(ME)
    assert response.status_code == status
    if seconds and seconds > 0:
        assert response.json()["expires_at"] == expires_at.isoformat().replace("+00:00", "Z")


def test_a_revoked_key_does_not_get_another_request(client):
    key, caller = key_client(client, role=Role.EDITOR)
    assert caller.get(LIST).status_code == 200
    key_service.revoke(by=actors.of_command(), name=key.name)
    assert refused(caller.get(LIST), "invalid_key")


def test_a_key_is_kept_as_a_digest_only(client):
    key, secret = make.make_key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM testimonies_apikey k WHERE id = %s", [key.pk])
        assert secret not in cursor.fetchone()[0]
    assert secret.removeprefix("trs_").encode() not in client(f"Bearer {secret}").get(ME).content


# --- As whom ------------------------------------------------------------------------------------------------------------

PUBLIC = {"research", "campaign", "both"}
PARTNER = PUBLIC | {"partner"}
STAFF = PARTNER | {"restricted", "none"}
WHO = [
    # role, highest tier of the key, its uses; then the tier that it reads and what it finds
    (Role.READER, Tier.PUBLIC, [], "public", PUBLIC),
    (Role.READER, Tier.PARTNER, [], "partner", PARTNER),
    (Role.CODER, Tier.PUBLIC, [], "public", PUBLIC),
    (Role.CODER, Tier.PARTNER, [], "partner", PARTNER),
    (Role.CODER, Tier.RESTRICTED, [], "restricted", STAFF),
    (Role.EDITOR, Tier.PUBLIC, [], "public", PUBLIC),
    (Role.EDITOR, Tier.PARTNER, [], "partner", PARTNER),
    (Role.EDITOR, Tier.RESTRICTED, [], "restricted", STAFF | {"draft"}),
    (Role.CUSTODIAN, Tier.PUBLIC, [], "public", PUBLIC),
    (Role.CUSTODIAN, Tier.RESTRICTED, [], "restricted", STAFF | {"draft"}),
    (Role.READER, Tier.PUBLIC, ["research"], "public", {"research", "both"}),
    (Role.READER, Tier.PARTNER, ["research"], "partner", {"research", "both", "partner"}),
    (Role.READER, Tier.PARTNER, ["campaign"], "partner", {"campaign", "both"}),
    (Role.READER, Tier.PARTNER, ["campaign", "media"], "partner", {"campaign", "both"}),
    (Role.READER, Tier.PARTNER, ["campaign", "research"], "partner", PARTNER),
    (Role.READER, Tier.PARTNER, ["media"], "partner", set()),
    (Role.EDITOR, Tier.RESTRICTED, ["campaign"], "restricted", {"campaign", "both"}),
]


@pytest.mark.parametrize("who", WHO)
def test_a_key_reads_as_far_as_its_role_its_tier_and_its_uses_go(client, who):
    role, tier, uses, reads, found = who
    key, caller = key_client(client, role=role, tier=tier, uses=uses)
    me = caller.get(ME).json()
    assert (me["role"], me["tier"], me["uses"], me["key"]) == (role, reads, uses, key.name)
    page = caller.get(f"{LIST}?count=exact")
    assert (set(titles(page)), page.json()["count"]) == (found, len(found))


def test_a_use_that_is_not_cleared_hides_the_record_everywhere(client):
    _, caller = key_client(client, uses=["campaign"])
    research, both = (make.make_testimony(title=f"later {uses[0]}", uses=uses) for uses in (["research"], ["campaign"]))
    for record, status in ((research, 404), (both, 200)):
        for path in (f"testimonies/{record.pk}/", f"testimonies/{record.ref}/texts/", f"persons/{record.person_id}/",
                     f"sources/{record.citations.get().source_id}/"):  # fmt: skip
            assert caller.get(f"/api/v1/{path}").status_code == status
    assert titles(caller.get(LIST, {"person": str(research.person_id)})) == []


# --- When ---------------------------------------------------------------------------------------------------------------

LAST_USED = [
    # minutes since the last use was noted, and whether this one is noted
    (None, True),
    (0, False),
    (9.99, False),
    (10.01, True),
    (60 * 24 * 400, True),
]


@pytest.mark.parametrize(("minutes", "noted"), LAST_USED)
def test_the_last_use_is_noted_at_most_every_ten_minutes(client, now, minutes, noted):
    last = None if minutes is None else now - dt.timedelta(minutes=minutes)
    key, caller = key_client(client, last_used_at=last)
    assert caller.get(ME).status_code == 200
    key.refresh_from_db()
    assert (key.last_used_at == now) is (noted or minutes == 0)
    assert (key.last_used_at == last) is (not noted)


def test_what_is_refused_is_no_use(client, now):
    key, caller = key_client(client, revoked_at=now)
    other, _ = key_client(client)
    assert caller.get(ME).status_code == 401
    assert client().get(ME).status_code == 401
    key.refresh_from_db()
    other.refresh_from_db()
    assert (key.last_used_at, other.last_used_at) == (None, None)
