"""The site that `make docs` builds: without a warning, whole, and for a reader who has no network."""

import fcntl
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from bellhop_web.settings import WebSettings
from docs.site.operations import document
from tests.stack import ROOT

pytestmark = pytest.mark.long

LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("link", "href"), ("source", "src")}
"""What a browser fetches by itself."""
LEADS = {("a", "href"), *LOADED}


class Html(HTMLParser):
    """The places in a page, and where it leads."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.leads: list[tuple[str, str]] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if (tag, name) in LEADS and value:
                self.leads.append((tag, value))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built once for all processes of the test run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    out = shared / "documentation"
    with (shared / "documentation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "index.html").exists():
            env = {**os.environ, "OUT": str(out)}
            done = subprocess.run(["scripts/docs.sh"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[Path, Html]:
    return {path: Html(path) for path in built.rglob("*.html")}


@pytest.fixture
def reader(browser: Browser, built: Path) -> Page:
    """Somebody who reads the files of the site, and has no network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((built / "index.html").as_uri())
    page.wait_for_url("**/docs/README.html")  # where index.html leads
    return page


def is_there(page: Html, link: str, pages: dict[Path, Html]) -> bool:
    """Whether a link leads to a file of the site, and to a place in it that is there."""
    url = urlsplit(link)
    if url.scheme:
        return True
    target = (page.path.parent / unquote(url.path)).resolve() if url.path else page.path
    return target.exists() and (not url.fragment or unquote(url.fragment) in pages[target].ids)


def test_each_link_of_each_page_leads_somewhere(pages: dict[Path, Html]) -> None:
    dead = [
        f"{page.path.name}: {link}"
        for page in pages.values()
        for _, link in page.leads
        if link != "#" and not is_there(page, link, pages)
    ]

    assert dead == []


def test_nothing_is_fetched_from_elsewhere(built: Path, pages: dict[Path, Html]) -> None:
    fetched = [link for page in pages.values() for tag, link in page.leads if tag != "a" and urlsplit(link).netloc]
    styles = [path for path in built.rglob("*.css") if re.search(r"url\(.?https?:|@import", path.read_text())]

    assert (fetched, styles) == ([], [])


def test_the_reference_has_every_operation_every_setting_and_the_client(built: Path, pages: dict[Path, Html]) -> None:
    operations = {one["operationId"] for path in document()["paths"].values() for one in path.values()}
    settings = {name.lower().replace("_", "-") for name in WebSettings.model_fields}
    reference = built / "docs/reference"

    assert operations <= pages[reference / "api.html"].ids
    assert settings <= pages[reference / "settings.html"].ids
    assert {"bellhop_client.Client.submit", "bellhop_client.verify"} <= pages[reference / "python-client.html"].ids
    assert "bellhop_worker.plugin.Run" in pages[reference / "plug-in-modules.html"].ids
    assert "export-day" in (reference / "commands.html").read_text()


def test_a_reader_without_a_network_finds_what_is_searched_for(reader: Page) -> None:
    search = reader.get_by_label("Search").first

    search.fill("lease_seconds")
    search.press("Enter")

    reader.locator("ul.search").get_by_role("link", name="LEASE_SECONDS").click()
    expect(reader.get_by_role("heading", name="LEASE_SECONDS")).to_be_visible()


def test_the_site_is_dark_where_its_reader_wants_it_dark(reader: Page) -> None:
    shades = []
    for scheme in ("light", "dark"):
        reader.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        shades.append(reader.evaluate("getComputedStyle(document.body).backgroundColor"))

    light, dark = (sum(map(int, re.findall(r"\d+", shade)[:3])) for shade in shades)
    assert dark < 200
    assert light > 600
