"""Scripts and styles of the site: the fetched ones, ours, and none from elsewhere.

Of the theme's scripts a page keeps those that it uses, and runs them after it has been read:

- Font Awesome's script (1.5 MB) is left out; `web/icons.css` draws the icons.
- The search index and its tools are on the search page only.
- sphinx-thebe, which names another site, is left out; so is sphinx-design where there are no tabs.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechlab.site import vendor

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

WEB = Path(__file__).resolve().parents[1] / "web"
TEMPLATES = Path(__file__).resolve().parent / "templates"

# MathJax in parts, since every bundle has its menu in it, which weighs as much as all of these.
MATHJAX = {
    "loader": {
        "load": [
            "core",
            "input/tex",
            "[tex]/boldsymbol",
            "output/chtml",
            "a11y/assistive-mml",
        ]
    },
    "tex": {"packages": {"[+]": ["boldsymbol"]}},
}
_UNUSED = re.compile(
    r"""<script[^>]*\ssrc="[^"]*(?:fontawesome|searchtools|language_data|searchindex)\.js[^>]*>"""
    r"""\s*</script>|<link[^>]*\srel="preload"[^>]*>|<!--.*?-->""",
    re.DOTALL,
)


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_assets)
    app.connect("builder-inited", lighten)
    app.connect("html-page-context", choose_scripts, priority=900)
    app.add_css_file("speechlab/icons.css")
    app.add_css_file("speechlab/speechlab.css")
    # Before all others: a control answers as soon as the page has been read.
    app.add_js_file("speechlab/explore.js", priority=1, defer="defer")
    app.add_js_file("speechlab/page.js", defer="defer")
    app.add_js_file("speechlab/fit.js", defer="defer")
    app.add_css_file("speechlab/instruments/instruments.css")
    app.add_js_file("speechlab/instruments/load.js", type="module")


def configure(app: Sphinx, config: Config) -> None:
    """Where pages find MathJax, relative to `_static/`, and which layout they have."""
    config.mathjax_path = "vendor/mathjax/startup.js"
    config.mathjax3_config = MATHJAX | (config.mathjax3_config or {})
    config.nb_ipywidgets_js = {}
    config.html_search_scorer = str(Path(__file__).with_name("scorer.js"))
    config.templates_path = [*config.templates_path, str(TEMPLATES)]
    # Captions may hold formulas on a page that has none of its own.
    app.set_html_assets_policy("always")


def lighten(app: Sphinx) -> None:
    """Give templates the filter that takes unused scripts out of a part of the page's head."""
    if app.builder.format == "html":
        app.builder.templates.environment.filters["lighter"] = lambda part: _UNUSED.sub("", part)


def copy_assets(app: Sphinx) -> None:
    """Put scripts and styles into the site, fetching what is missing first."""
    if app.builder.format != "html":
        return
    served = tuple(bundle for bundle in vendor.BUNDLES if bundle.served)
    if vendor.missing(bundles=served):
        from sphinx.errors import ExtensionError

        try:
            vendor.fetch()
        except vendor.FetchError as error:
            raise ExtensionError(str(error)) from None
    static = Path(app.outdir) / "_static"
    for bundle in served:
        _mirror(vendor.FOLDER / bundle.folder, static / "vendor" / bundle.folder)
    _mirror(WEB, static / "speechlab")


def choose_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Keep what the page uses, to be run when the page has been read."""
    body = str(context.get("body", ""))
    for kind in ("script_files", "css_files"):
        kept = [item for item in context.get(kind, []) if not _unused(str(item), body)]
        context[kind] = [item for item in kept if not _names_thebe(item)]
    for script in context["script_files"]:
        file = str(getattr(script, "filename", None) or "")
        # Other scripts add to the options inline, and the search page's own need doctools at once.
        if "documentation_options" in file or (page == "search" and "doctools" in file):
            script.attributes.pop("defer", None)
        elif file and script.attributes.get("type") != "module":  # which waits by itself
            script.attributes["defer"] = "defer"


def _unused(name: str, body: str) -> bool:
    return ("design-tabs" in name and "sd-tab" not in body) or (
        "mathjax" in name and 'class="math' not in body and "\\(" not in body
    )


def _names_thebe(item: Any) -> bool:
    attributes = getattr(item, "attributes", {})
    return any("thebe" in str(text).lower() for text in (item, attributes.get("body", "")))


def _mirror(source: Path, target: Path) -> None:
    """Copy what differs, so that a rebuild with nothing changed copies nothing."""
    for path in source.rglob("*"):
        copy = target / path.relative_to(source)
        if path.is_dir():
            continue
        if copy.is_file() and copy.stat().st_size == path.stat().st_size:
            if copy.read_bytes() == path.read_bytes():
                continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
