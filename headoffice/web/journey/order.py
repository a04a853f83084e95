"""In which order a customer passes the touchpoints: as the URL says, else as kept, else by their names.

Called by journey/page.py. Pure functions: touches nothing.
"""

from collections.abc import Sequence

# What a touchpoint's name may hold, from before the door to after the visit; ja and en.
_STAGES = (
    ("parking", "car park", "駐車"),
    ("entrance", "entry", "door", "入口", "入り口", "玄関"),
    ("reception", "welcome", "受付", "案内"),
    ("floor", "aisle", "shelf", "売り場", "売場", "フロア"),
    ("fresh", "deli", "bakery", "生鮮", "惣菜", "ベーカリー"),
    ("fitting", "試着"),
    ("café", "cafe", "restaurant", "food", "カフェ", "レストラン", "フード", "食堂"),
    ("restroom", "toilet", "washroom", "トイレ", "化粧室"),
    ("checkout", "till", "register", "cash", "self", "レジ", "会計", "精算"),
    ("service", "help", "return", "サービス", "返品", "相談", "カウンター"),
    ("pickup", "collect", "delivery", "受取", "受け取り", "配送"),
    ("exit", "出口"),
)


def in_order(touchpoints: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The touchpoints: those that are chosen in their order, then the others by their names."""
    first = [name for name in chosen if name in touchpoints]
    return [*first, *sorted((name for name in touchpoints if name not in first), key=_place)]


def moved(ordered: Sequence[str], place: int, step: int) -> tuple[str, ...] | None:
    """The same with one of them a step earlier (-1) or later (1); None where there is no such place."""
    target = place + step
    if not 0 <= target < len(ordered):
        return None
    names = list(ordered)
    names[place], names[target] = names[target], names[place]
    return tuple(names)


def _place(name: str) -> tuple[int, str]:
    said = name.casefold()
    found = (place for place, words in enumerate(_STAGES) if any(word in said for word in words))
    return next(found, len(_STAGES)), name
