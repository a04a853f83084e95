"""What `frozen` makes is what `dataclass(frozen=True)` would make, for whoever uses it."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace
from typing import Any

import pytest

from survey.values import frozen, frozen_named


def _made(decorate: Callable[[type], type], *, named: bool) -> tuple[Any, ...]:
    """Two classes of fields with and without defaults, made by one way of making them."""

    class Place:
        """A place."""

        x: int
        y: int = 0
        notes: Mapping[str, str] = field(default_factory=dict)

        def __str__(self) -> str:
            return f"{self.x}, {self.y}"

    place = decorate(Place)
    return place, (
        lambda *values, **given: place(**dict(zip("xy", values, strict=False)), **given)
    ) if named else place


WAYS = [
    pytest.param(frozen, dataclass(frozen=True), False, id="frozen"),
    pytest.param(frozen_named, dataclass(frozen=True, kw_only=True), True, id="frozen_named"),
]


@pytest.mark.parametrize(("ours", "theirs", "named"), WAYS)
def test_it_is_like_a_dataclass(ours: Callable[[type], type], theirs: Callable[[type], type], *, named: bool):
    """It compares, hashes, copies, prints and lists its fields as the standard library's does."""
    (our, make), (their, model) = _made(ours, named=named), _made(theirs, named=named)
    one, like = make(1, 2), model(1, 2)

    assert (repr(one), str(one), asdict(one)) == (repr(like), str(like), asdict(like))
    assert one == make(1, 2) != make(1, 3)
    assert one != like
    assert hash(our(x=1, notes=())) == hash(their(x=1, notes=()))
    assert replace(one, y=5) == make(1, 5)
    assert deepcopy(one) == one
    assert our.__match_args__ == their.__match_args__
    assert make(1).notes is not make(1).notes


@pytest.mark.parametrize(("ours", "theirs", "named"), WAYS)
def test_it_takes_no_other_values(
    ours: Callable[[type], type], theirs: Callable[[type], type], *, named: bool
):
    """What a dataclass refuses it refuses: a value too few, too many, twice or unknown, and any change."""
    (our, make), (their, _) = _made(ours, named=named), _made(theirs, named=named)

    for each in (our, their):
        for positional, given in [((), {}), ((1, 2, {}, 4), {}), ((1,), {"x": 1}), ((), {"x": 1, "z": 2})]:
            with pytest.raises(TypeError, match="Place"):
                each(*positional, **given)
    with pytest.raises(FrozenInstanceError, match="x"):
        make(1).x = 2
    with pytest.raises(FrozenInstanceError, match="x"):
        del make(1).x
