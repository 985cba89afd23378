"""How Sphinx builds these documents: ``make docs``. The docstrings are the reference."""

import re

import ghostpage

project = "ghostpage"
author = copyright = "The ghostpage developers"
release = version = ghostpage.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"ghostpage {version}"
html_show_copyright = False
pygments_style = "friendly"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"


def setup(app):
    """Leaves parameters for tests out of signatures; they are the last."""

    def without_private(app, what, name, thing, options, signature, returned):
        return re.sub(r"(?:\*, |, )?\b_\w+: .*\)", ")", signature or "") or None, returned

    app.connect("autodoc-process-signature", without_private)
