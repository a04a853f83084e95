"""What an alert found, in the reader's language; work/alert.py writes it in English, as the webhook tells it.

Called by web/office/alerts.py. Pure: touches nothing.
"""

import re

from headoffice.web.words import Words

# How a detail is written, and the key of the words that say the same; what fits none is shown as it is.
DETAILS = {
    "heard": r"was last heard of (?P<when>[\d: -]+)",
    "never": r"has not been heard of since it was enrolled (?P<when>[\d: -]+)",
    "drop": r"(?P<n>\d+) answers on (?P<day>[\d-]+); (?P<usual>\S+) are usual on such a day",
    "rejected": r"(?P<n>\d+) taps rejected, such as: (?P<problem>.*)",
    "unreadable": r"(?P<n>\d+) taps could not be read on the kiosk",
    "forked": r"ledger \S+ has other content after (?P<same>\d+) than what is held: was the card copied\?",
}


def in_words(words: Words, detail: str) -> str:
    """An alert's detail in the reader's language; as it is where a kiosk said it in its own words."""
    for name, pattern in DETAILS.items():
        if found := re.fullmatch(pattern, detail, re.DOTALL):
            values = found.groupdict()
            counted = {"n": int(values.pop("n"))} if "n" in values else {}
            return words(f"office.alert_detail.{name}", **values, **counted)
    return detail
