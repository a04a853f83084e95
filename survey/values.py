"""Frozen dataclasses whose classes are made in a tenth of the time: nothing is compiled for each of them.

Used for what the kiosk's first frame needs: `dataclass(frozen=True)` compiles six methods for every class,
half a millisecond each. Pure: touches nothing. One such value takes two microseconds longer to make, so what
is made by the million, such as taps, stays a dataclass of the standard library.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(made: type[T]) -> type[T]:
    """Make the class a frozen dataclass: by its fields it is made, compared, hashed, copied and written."""
    return _frozen(dataclass(init=False, repr=False, eq=False)(made))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def frozen_named(made: type[T]) -> type[T]:
    """Make it `frozen`, one that is made by its fields' names only."""
    return _frozen(dataclass(init=False, repr=False, eq=False, kw_only=True)(made))


def _frozen(made: type[T]) -> type[T]:
    if "__init__" not in vars(made):
        setattr(made, "__init__", _maker(fields(made)))  # type: ignore[arg-type] # noqa: B010 - mypy minds "made.__init__ ="
    for method in METHODS:
        if method.__name__ not in vars(made):
            setattr(made, method.__name__, method)
    return made


def _maker(of: Sequence["Field[Any]"]) -> Callable[..., None]:
    names = frozenset(each.name for each in of)
    places = [each.name for each in of if not each.kw_only]
    defaults = {each.name: each.default for each in of if each.default is not MISSING}
    factories = {each.name: each.default_factory for each in of if each.default_factory is not MISSING}

    def __init__(self: object, *positional: object, **named: object) -> None:  # noqa: N807
        placed = dict(zip(places, positional, strict=False))
        given = defaults | placed | named
        for name, make in factories.items():
            if name not in given:
                given[name] = make()
        if (
            given.keys() != names
            or len(positional) > len(places)
            or (placed and placed.keys() & named.keys())
        ):
            raise TypeError(_misfit(type(self).__name__, names, given, positional))
        vars(self).update(given)

    return __init__


def _misfit(
    made: str, names: frozenset[str], given: Mapping[str, object], positional: Sequence[object]
) -> str:
    lacking, unknown = sorted(names - given.keys()), sorted(given.keys() - names)
    parts = [f"no value for {', '.join(lacking)}"] if lacking else []
    parts += [f"no field {', '.join(unknown)}"] if unknown else []
    return f"{made}: {'; '.join(parts) or f'{len(positional)} positional values are too many'}"


def _values(made: object) -> tuple[object, ...]:
    return tuple(getattr(made, each.name) for each in fields(made))  # type: ignore[arg-type]


def __repr__(self: object) -> str:  # noqa: N807
    written = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))  # type: ignore[arg-type]
    return f"{type(self).__qualname__}({written})"


def __eq__(self: object, other: object) -> bool:  # noqa: N807
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def __hash__(self: object) -> int:  # noqa: N807
    return hash(_values(self))


def __setattr__(_self: object, name: str, _: object) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(_self: object, name: str) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot delete field {name!r}")


METHODS: tuple[Callable[..., object], ...] = (__repr__, __eq__, __hash__, __setattr__, __delattr__)
