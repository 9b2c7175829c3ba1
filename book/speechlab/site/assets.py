"""Scripts and styles of the site: the fetched ones, ours, and none from elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechlab.site import vendor

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

WEB = Path(__file__).resolve().parents[1] / "web"


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_assets)
    app.connect("html-page-context", drop_foreign_scripts, priority=900)
    app.add_css_file("speechlab/speechlab.css")
    app.add_js_file("speechlab/page.js", defer="defer")
    app.add_css_file("speechlab/instruments/instruments.css")
    app.add_js_file("speechlab/instruments/load.js", type="module")


def configure(app: Sphinx, config: Config) -> None:
    """Where pages find MathJax and the widgets, relative to `_static/`."""
    config.mathjax_path = "vendor/mathjax/tex-mml-chtml.js"
    defer = {"defer": "defer"}
    config.nb_ipywidgets_js = {
        "vendor/requirejs/require.js": defer,
        "speechlab/widgets.js": defer,
        "vendor/widgets/embed-amd.js": defer,
    }
    # Captions and widgets may hold formulas on a page that has none of its own.
    app.set_html_assets_policy("always")


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


def drop_foreign_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out sphinx-thebe, which Jupyter Book always loads and which names another site."""
    for kind in ("script_files", "css_files"):
        context[kind] = [item for item in context.get(kind, []) if not _foreign(item)]


def _foreign(item: Any) -> bool:
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
