"""The site of `make docs`: what Sphinx is told. What it cannot know is made by the modules in docs/site."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "Bellhop"
copyright = "Bellhop's authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.site"]

# The sources are the repository, so that each link means here what it means in a checkout.
root_doc = "docs/README"
include_patterns = ["*.md", "docs/**.md", "clients/*/README.md", "deploy/k8s/README.md"]
exclude_patterns = [".*", "**/.*", "**/node_modules", "**/tests", "bench", "build", "dist", "compose", "workloads"]

myst_heading_anchors = 4  # by GitHub's names
myst_links_external_new_tab = False
suppress_warnings = ["myst.header"]  # what is generated begins where the page says

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_class_signature = "separated"
python_maximum_signature_line_length = 100
default_role = "code"
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "Bellhop"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_additional_pages = {"index": "redirect.html"}
templates_path = ["site/templates"]
pygments_style = "friendly"
pygments_dark_style = "monokai"
