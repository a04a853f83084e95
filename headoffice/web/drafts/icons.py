"""The icons that an option may have: those the kiosk draws, as `deploy.icons` wrote them down.

Asked by drafts/pages.py. Reads the template once.
"""

import re
from importlib.resources import files

ICONS = tuple(
    re.findall(r'id="icon-(\w+)"', (files("headoffice.web") / "templates/icons.svg").read_text("utf-8"))
)
