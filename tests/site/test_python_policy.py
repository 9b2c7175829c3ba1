"""The policy of pages that run Python: whose scripts run, and who may be asked."""

import pytest

from speechlab.site.python import policy

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<script src="/ours.js"></script><script>window.first = 1;</script></head>
<body><script type="application/json">{"data": 1}</script>
<button onclick="window.pressed = &quot;yes&quot;">Press</button></body></html>
"""
FOREIGN = """() => {
  document.body.insertAdjacentHTML("beforeend", "<img src=no onerror='window.foreign = 1'>");
  const script = document.createElement("script");
  script.textContent = "window.foreign = 2";
  document.body.append(script);
  document.querySelector("button").click();
  return new Promise((done) => setTimeout(() => done([first, pressed, window.foreign]), 200));
}"""


def test_a_page_names_its_own_scripts_once():
    page = policy.with_policy(PAGE)
    assert policy.with_policy(page) == page
    said = policy.policy(page)
    assert said.count("sha256-") == 2 and "'unsafe-hashes'" in said
    assert "'unsafe-inline'" not in said.partition("style-src")[0]
    assert policy.policy(PAGE.replace("first = 1", "first = 2")) != said
    with pytest.raises(ValueError, match="no charset"):
        policy.with_policy("<html></html>")
    assert page.index("<meta charset") < page.index("Content-Security") < page.index("<script")


@pytest.mark.parametrize("name", ["homework/page", "python/live", "voice/page"])
def test_pages_with_python_are_known_by_their_script(name):
    script = '<script type="module" src="../_static/speechlab/{}.js?v=1"></script>'
    assert policy.PYTHON.search(script.format(name))
    assert not policy.PYTHON.search(script.format("instruments/load"))


@pytest.mark.browser
def test_no_script_runs_but_the_pages_own(browser):
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    body = policy.with_policy(PAGE)
    page.route("**/index.html", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("http://site.test/index.html")
    assert page.evaluate(FOREIGN) == [1, "yes", None]
    page.close()
