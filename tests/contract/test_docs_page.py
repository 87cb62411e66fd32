"""/api/docs/ works without any other host, and its policy says so to the browser."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

URL = "/api/docs/"
ALLOWED = {"'self'", "'none'", "data:"}


class Page(HTMLParser):
    """Addresses that the page loads, and whatever a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads, self.inline = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.loads += [given[name] for name in ("src", "href", "data", "action", "srcset") if given.get(name)]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


@pytest.fixture
def page(api) -> Page:
    return Page(api.get(URL).content.decode())


def policy_of(response) -> dict[str, set[str]]:
    pieces = (piece.split() for piece in response.headers["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in pieces}


def body_of(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def test_it_loads_local_assets_only_and_they_are_there(api, page):
    kinds = {}
    for address in page.loads:
        assert not urlsplit(address).netloc
        response = api.get(urljoin(URL, address))
        assert (address, response.status_code) == (address, 200)
        assert body_of(response)
        kind = response.headers["Content-Type"].partition(";")[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    assert kinds == {"image/png": 1, "text/css": 1, "text/javascript": 2, "application/javascript": 1}


def test_its_styles_load_nothing_from_elsewhere(api, page):
    (style,) = [address for address in page.loads if address.endswith(".css")]
    text = body_of(api.get(style)).decode()
    assert "@import" not in text
    loads = {address.strip("'\"")[:5] for address in re.findall(r"url\(([^)]*)\)", text)}
    assert loads <= {"data:"}


def test_its_script_asks_for_the_document_of_this_service_and_nothing_else(api, page):
    (script,) = [address for address in page.loads if "script" in urlsplit(address).query]
    text = body_of(api.get(urljoin(URL, script))).decode()
    assert '"/api/schema/"' in text
    assert re.findall(r"https?://", text) == []


def test_nothing_is_inline(page):
    assert page.inline == []


@pytest.mark.parametrize(
    "url", [URL, f"{URL}?script=", "/api/problems/", "/api/schema/", "/api/v1/me/", "/admin/login/"]
)
def test_the_policy_names_no_other_host_and_nothing_unsafe(api, url):
    policy = policy_of(api.get(url))
    assert policy["default-src"] == {"'self'"}
    assert set.union(*policy.values()) <= ALLOWED
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == {"'none'"}
    assert policy["form-action"] == {"'self'"}
    assert {name for name, values in policy.items() if "data:" in values} == {"img-src"}


def test_it_needs_no_key(api, settings):
    settings.PUBLIC_READ = False
    assert api.get(URL).status_code == 200
