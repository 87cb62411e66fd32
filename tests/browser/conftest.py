"""Pages as people meet them: Debian's Chromium, driven through playwright, on a server that really commits.

Every page that a test opens is watched: an error on the console, a broken rule of the Content-Security-Policy, a request
to another host or an answer of 500 fails the test.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from testimonies.access import Role
from testimonies.models import User
from tests.factories import make_user

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "invented for tests 1"
SIZE = {"width": 1280, "height": 900}
REMEDY = "The browser tests need Chromium: apt-get install chromium (Debian, Ubuntu), or name another one in CHROMIUM=/path/to/it."
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        pytest.fail(REMEDY, pytrace=False)
    # playwright's own loop makes Django think that it is called from asynchronous code
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """One person's browser window. `open("testimonies/user/")` is below /admin/."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        self.is_watching = True
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._response)
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )

    def _console(self, message: ConsoleMessage) -> None:
        refused = "Failed to load resource" in message.text  # said by the answer's own status
        if self.is_watching and message.type in {"error", "warning"} and not refused:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        is_missing = response.status >= 400 and "/static/" in response.url
        if is_missing or response.status >= 500 or not response.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"{response.status} {response.url}")

    def open(self, path: str) -> Page:
        answer = self.page.goto(f"{self.base}/admin/{path}")
        assert answer is not None
        assert answer.status < 500
        return self.page

    def login(self, user: User) -> None:
        self.open("login/")
        self.page.get_by_label("Username").fill(user.username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(f"{self.base}/admin/")

    def findings(self) -> list[str]:
        """What axe-core calls serious or critical on the page as it is."""
        self.is_watching = False  # axe itself styles what it tries out
        found: dict[str, Any] = Axe().run(self.page).response
        self.is_watching = True
        return [
            f"{self.page.url} {finding['id']}: {node['target']} {node['failureSummary']}"
            for finding in found["violations"]
            if finding["impact"] in SERIOUS
            for node in finding["nodes"]
        ]

    def is_accessible(self) -> None:
        """In light and in dark."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")
            assert self.findings() == [], scheme


@pytest.fixture
def window(browser, live_server, transactional_db, settings) -> Iterator[Callable[..., Watched]]:
    """`window(Role.CODER)` is a window in which a new coder has logged in, `window(user)` that user, `window()` nobody."""
    opened: list[Watched] = []

    def window(who: User | Role | None = None, **values: Any) -> Watched:
        context = browser.new_context(viewport=SIZE, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
        context.set_default_timeout(15_000)
        found = Watched(context.new_page(), live_server.url)
        opened.append(found)
        if who is not None:
            user = who if isinstance(who, User) else make_user(role=who, **values)
            user.set_password(PASSWORD)
            user.save()
            found.login(user)
        return found

    yield window
    for one in opened:
        one.page.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []


def table_texts(page: Page, selector: str) -> list[str]:
    return [re.sub(r"\s+", " ", text).strip() for text in page.locator(selector).all_inner_texts()]
