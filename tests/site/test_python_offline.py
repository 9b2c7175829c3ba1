"""The copy of a site that a browser keeps is of one release, whatever becomes of the network."""

import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from speechlab.site.assets import WEB
from speechlab.site.python import shipped

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>{0}</title>
<link rel="stylesheet" href="_static/look.css"><img src="picture{0}.svg" alt="">
<script>window.parts = ["{0}"];</script>
<script type=module src="_static/first.js"></script></html>"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="9"/>'
FIRST = """import {{ second }} from "./second{more}.js";
window.parts.push("{0}", second);
window.ready = true;"""
SAVE = """async () => {
  const { offline } = await import(new URL("_static/speechlab/python/offline.js", location).href);
  return offline.on(new URL("_static/", location).href);
}"""
# Ask for a new release, and wait until it is there or has been given up.
UPDATE = """async () => {
  const found = await navigator.serviceWorker.getRegistration();
  await found.update().catch(() => {});
  const coming = found.installing;
  if (!coming) return;
  await new Promise((done) => coming.addEventListener("statechange", () => {
    if (["activated", "redundant"].includes(coming.state)) done();
  }));
}"""
SEEN = """async () => {
  const link = getComputedStyle(document.body).getPropertyValue("--release");
  const list = await (await fetch("_static/speechlab/python/python.json")).json();
  const answer = await fetch("_static/vendor/pyodide/large.bin");
  const { name } = list.files["large.bin"];
  return [...window.parts, link.trim(), name, await answer.text(),
    String(document.querySelector("img").naturalWidth)];
}"""


class Host(ThreadingHTTPServer):
    """Serves a folder until it has given `left` answers; then all connections break."""

    daemon_threads = True

    def __init__(self, folder):
        self.left, self.count = None, 0
        super().__init__(("127.0.0.1", 0), lambda *given: Handler(*given, directory=folder))


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.count += 1
        if self.server.left is not None and self.server.count > self.server.left:
            self.close_connection = True
            return
        super().do_GET()

    def log_message(self, *given):
        """Quiet."""


def write(site, release):
    """A small site: a page, its style, two scripts, a picture, and a large file with its sum."""
    static = site / "_static"
    large = f"{release}".encode()
    more = "" if release == "1" else "-new"  # a script that the earlier release has not
    files = {
        site / "index.html": PAGE.format(release),
        site
        / f"picture{release}.svg": f'<svg xmlns="http://www.w3.org/2000/svg" width="{release}"/>',
        static / "look.css": f"body {{ --release: {release}; }}",
        static / "first.js": FIRST.format(release, more=more),
        static / f"second{more}.js": f'export const second = "{release}";',
        static / "vendor" / "pyodide" / "large.bin": large.decode(),
    }
    for old in (*site.glob("picture*"), *static.glob("second*")):
        old.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    listed = {"pyodide": "0", "files": {"large.bin": {**shipped._size(large), "name": release}}}
    place = static / "speechlab" / "python"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("offline.js", "service_worker.js"):
        (place / name).write_bytes((WEB / "python" / name).read_bytes())
    (place / "python.json").write_text(json.dumps(listed))
    shipped.release(site)


@pytest.fixture
def host(tmp_path):
    """A site of the first release, and who serves it."""
    write(tmp_path, "1")
    server = Host(str(tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.site, server.address = tmp_path, f"http://127.0.0.1:{server.server_port}/index.html"
    yield server
    server.shutdown()


def seen(page, host):
    """Of which release each part of the page is when there is no network."""
    host.left = 0
    page.goto(host.address)
    page.wait_for_function("() => window.ready")
    return page.evaluate(SEEN)


def test_a_release_that_comes_half_way_leaves_the_earlier_one_whole(browser, host):
    context = browser.new_context()
    page = context.new_page()
    page.goto(host.address)
    assert page.evaluate(SAVE)
    page.evaluate(SEEN)  # what Python loads when it is first run
    page.wait_for_timeout(1000)
    one, two = ["1"] * 7, ["2"] * 7
    assert seen(page, host) == one
    write(host.site, "2")
    # As many answers as it takes for all of it, and fewer.
    tries = 0
    for answers in range(1, 40):
        host.left, host.count = answers, 0
        page.evaluate(UPDATE)
        found = seen(page, host)
        assert found in (one, two), (answers, found)
        tries += 1
        if found == two:
            break
    assert found == two and tries > 5
    stores = page.evaluate("() => caches.keys()")
    assert sum(" pages " in name for name in stores) == 1
    context.close()


def test_a_page_of_which_half_has_come_is_not_filled_up_with_older_files(browser, host):
    context = browser.new_context()
    page = context.new_page()
    page.goto(host.address)
    assert page.evaluate(SAVE)
    page.evaluate(SEEN)
    page.wait_for_timeout(1000)
    write(host.site, "2")
    for answers in (2, 3, 4, 5):  # the page, what its release is, and some of the rest
        host.left, host.count = answers, 0
        page.goto(host.address)
        page.wait_for_timeout(300)
        parts = page.evaluate("() => window.parts")
        assert len({*parts}) == 1, (answers, parts)
    assert len({*seen(page, host)}) == 1
    context.close()
