"""How Sphinx builds the site; `make docs` stages what it reads, see build.py."""

from __future__ import annotations

import re
from typing import Any

import darkdays

project = "darkdays"
author = "The darkdays contributors"
version = release = darkdays.__version__
extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx_design"]
exclude_patterns = ["extra/**"]

# Notebooks show what they store, and are never run.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

# What numpy spells out over three lines has a name.
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}
add_module_names = False
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# What other projects document is not looked for: the site is built offline.
nitpick_ignore_regex = [("py:.*", r".*")]

html_theme = "pydata_sphinx_theme"
html_title = "darkdays"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
}
# Pages without pages below them have no use for a list of these.
html_sidebars: dict[str, list[str]] = {name: [] for name in ("index", "gallery", "faq")}
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}  # the colours of the reader's system
html_static_path = ["_static"]


def setup(app: Any) -> None:
    """Show that name as it is: Sphinx shows what it keeps it in."""

    def named(*told: Any) -> tuple[str, str | None] | None:
        signature, returned = told[-2:]
        return signature and (re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", signature), returned)

    app.connect("autodoc-process-signature", named, priority=0)
