"""Whether every text of a survey is there in every language of the survey.

Called by parse.py when all texts are read.
Touches nothing but the Notes it is given.
"""

import re
from collections import Counter

from survey.problems import at, did_you_mean, shown
from survey.reading import Notes, Said
from survey.told import told

TAG = re.compile(r"(?=.{2,35}$)[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # 35 characters hold any tag of BCP 47
MAX_LANGUAGES = 20
ENOUGH_TEXTS = 2  # so many others must agree before the title is held to be the one at fault
NEARLY = 8  # nearly all are all but fewer than every eighth


def check_languages(title: Said, others: list[Said], *, notes: Notes) -> None:
    """Note every text that lacks a language of the survey, or has one too many."""
    if len(title.tags) > MAX_LANGUAGES:
        notes.fault(
            title.place,
            told(
                "has {count} languages; at most {max_languages} can be offered",
                count=len(title.tags),
                max_languages=MAX_LANGUAGES,
            ),
        )
        return
    languages = _languages(title, others)
    for tag in title.tags:
        if tag in languages and not TAG.fullmatch(tag):
            notes.fault(at(title.place, tag), told('is no language tag such as "ja", "en" or "pt-BR"'))
    for text in (title, *others):
        _compare(text, languages, notes=notes)


def _languages(title: Said, others: list[Said]) -> tuple[str, ...]:
    # Those of the title, unless nearly all other texts have one more or fewer: then it is the title's slip.
    if len(others) < ENOUGH_TEXTS:
        return title.tags
    uses = Counter(tag for text in others for tag in text.tags)
    kept = [tag for tag in title.tags if NEARLY * uses[tag] >= len(others)]
    common = [tag for tag, count in uses.items() if NEARLY * (len(others) - count) < len(others)]
    return tuple(dict.fromkeys([*kept, *common])) or title.tags


def _compare(text: Said, languages: tuple[str, ...], *, notes: Notes) -> None:
    spoken = ", ".join(tag if TAG.fullmatch(tag) else shown(tag) for tag in languages)
    missing = [tag for tag in languages if tag not in text.tags]
    extra = [tag for tag in text.tags if tag not in languages]
    for tag in extra:
        hint = did_you_mean(tag, missing) or told("; write it in every text or in none")
        notes.fault(
            at(text.place, tag),
            told("is no language of this survey ({spoken}){hint}", spoken=spoken, hint=hint),
        )
    for tag in missing[len(extra) :]:  # a language that is written wrongly is not missing too
        notes.fault(at(text.place, tag), told("is missing; this survey speaks {spoken}", spoken=spoken))
