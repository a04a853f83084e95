"""Add up what was named as a reason, over every question that asks for reasons.

Called by reasons/page.py. Pure functions of values: touches nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headoffice.web.frame.serve import Asked
from headoffice.work.spread import Spread


@dataclass(frozen=True, kw_only=True)
class Named:
    """How many answered, and how often each reason (by its id) was named, the commonest first.

    `names` are the reasons in words; `hidden` where a question had too few answers to be added.
    """

    n: int
    counts: Mapping[str, int]
    names: Mapping[str, str]
    hidden: bool


def named_reasons(asked: Asked, found: Sequence[Spread]) -> Named:
    """The reasons of these questions together; the same id is the same reason."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for each in found:
        for option, count in (each.counts or {}).items():
            counts[option] += count
            names.setdefault(option, asked.catalogue.option(each.survey, each.question, option))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Named(
        n=sum(each.n for each in found),
        counts=dict(ordered),
        names=names,
        hidden=any(each.counts is None for each in found),
    )
