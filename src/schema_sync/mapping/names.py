"""Names both ways: what new classes and members are called, and which names a class may stand for.

Singular and plural come from the library ``pluralizer``; the configuration may add exceptions.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pluralizer import Pluralizer

ROW_SUFFIX = "Row"
_SHAPE_SUFFIXES = ("Insert", "Update")
_ENUM_SUFFIXES = ("Type", "Enum")
_NOT_WORD = re.compile(r"[\W_]+")
_TAKEN_BY_ENUM = frozenset({"name", "value", "mro"})
_TAKEN_BY_TYPING = frozenset(
    {"Any", "Enum", "Literal", "NotRequired", "Optional", "ReadOnly", "Required", "StrEnum", "TypedDict", "Union"}
)


@cache
def is_key(name: str) -> bool:
    """Tell whether *name* can be written as an item of a class-form TypedDict and means itself.

    A name that Python would normalise (PEP 3131, NFKC) or mangle (two leading underscores) cannot.
    """
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and unicodedata.normalize("NFKC", name) == name
        and not (name.startswith("__") and not name.endswith("__"))
    )


# ---- to Python


def row_class_name(relation: str, plurals: Mapping[str, str]) -> str:
    """Return the name of a new row class: ``organizations`` → ``OrganizationRow``."""
    return _pascal(_singular(relation, plurals), fallback="Table") + ROW_SUFFIX


def function_class_name(function: str, types: Collection[str] = ()) -> str:
    """Return what the names of a function's classes begin with: ``search_items`` → ``SearchItems``.

    The *types* of its arguments tell it from others of its name.
    """
    words = [_pascal(t.replace("[]", " array"), fallback="") for t in types]
    return "".join([_pascal(function, fallback="Function"), *words])


def enum_class_name(enum: str) -> str:
    """Return the name of a new Enum class: ``organization_type`` → ``OrganizationType``."""
    name = _pascal(enum, fallback="Enum")
    taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in _TAKEN_BY_TYPING
    return f"{name}Enum" if taken else name


def schema_prefix(schema: str) -> str:
    """Return what stands before the class names of a schema that is not the first: ``other`` → ``Other``."""
    return _pascal(schema, fallback="Schema")


def member_name(label: str, taken: Collection[str], *, upper: bool = True) -> str:
    """Return a name for the member of an enum *label* that is an identifier and not in *taken*.

    ``on hold`` → ``ON_HOLD``; with ``upper=False`` → ``on_hold``.
    """
    words = _words(label)
    name = "_".join(words).upper() if upper else "_".join(words).lower()
    name = unicodedata.normalize("NFKC", name)
    if not name:
        name = "EMPTY" if not label else "VALUE"
    elif not name.isidentifier():
        name = f"VALUE_{name}"
    if not upper:
        name = name if name.isidentifier() and any(map(str.islower, name)) else name.lower()
        name += "_" * (keyword.iskeyword(name) or name in _TAKEN_BY_ENUM)
    return distinct(name, taken, separator="_")


def distinct(name: str, taken: Collection[str], *, separator: str = "") -> str:
    """Return *name*, or the first of ``name2``, ``name3`` … (after *separator*) that is not in *taken*."""
    if name not in taken:
        return name
    number = 2
    while f"{name}{separator}{number}" in taken:
        number += 1
    return f"{name}{separator}{number}"


def _words(name: str) -> list[str]:
    """Split at whatever cannot stand in an identifier (PEP 3131), and at underscores."""
    normal = unicodedata.normalize("NFKC", name)
    return "".join(c if f"x{c}".isidentifier() and c != "_" else " " for c in normal).split()


def _pascal(name: str, *, fallback: str) -> str:
    words = [w.capitalize() if w.isupper() else w[:1].upper() + w[1:] for w in _words(name)]
    joined = unicodedata.normalize("NFKC", "".join(words))
    return joined if joined.isidentifier() else f"{fallback}{joined}" if joined else fallback


# ---- and back


def folded(name: str) -> str:
    """Return what two spellings of one name share: ``OAuth_Clients`` and ``oauthclients``."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", name)).casefold()


def relation_keys(relation: str, plurals: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of what a row class for *relation* may be called, less its suffix."""
    exact = folded(relation)
    yield 0, exact
    for other in {folded(_singular(relation, plurals)), folded(_plural(relation, plurals))} - {exact}:
        yield 1, other


def enum_keys(enum: str, plurals: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of what a class for *enum* may be called: also without ``_type``."""
    yield from relation_keys(enum, plurals)
    exact = folded(enum)
    for suffix in map(str.casefold, _ENUM_SUFFIXES):
        if exact.endswith(suffix) and exact != suffix:
            yield 2, exact.removesuffix(suffix)


def row_class_keys(name: str) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of the relations a row class *name* may stand for."""
    stem = _without(name, (*_SHAPE_SUFFIXES, ROW_SUFFIX))
    yield 0, folded(stem)
    if stem != name:
        yield 1, folded(name)


def enum_class_keys(name: str) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of the enums a class *name* may stand for."""
    yield 0, folded(name)
    stem = _without(name, _ENUM_SUFFIXES)
    if stem != name:
        yield 1, folded(stem)


def first_guess(name: str) -> str:
    """Return the relation that a row class most likely names, in snake case: ``UserRoleRow`` → ``user_roles``."""
    stem = _without(name, (*_SHAPE_SUFFIXES, ROW_SUFFIX))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", stem).lower()
    return _plural(snake, {})


def _without(name: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name


# ---- singular and plural


@cache
def _pluralizer() -> Pluralizer:
    from pluralizer import Pluralizer

    return Pluralizer()  # type: ignore[no-untyped-call]  # the library has no annotations


def _singular(name: str, plurals: Mapping[str, str]) -> str:
    head, last = _last_word(name)
    for one, many in plurals.items():
        if last.casefold() == many.casefold():
            return head + one
    return head + _library_singular(last)


def _plural(name: str, plurals: Mapping[str, str]) -> str:
    head, last = _last_word(name)
    for one, many in plurals.items():
        if last.casefold() == one.casefold():
            return head + many
    return head + _library_plural(last)


@cache
def _library_singular(word: str) -> str:
    return str(_pluralizer().singular(word)) if word else word


@cache
def _library_plural(word: str) -> str:
    return str(_pluralizer().plural(word)) if word else word


def _last_word(name: str) -> tuple[str, str]:
    match = re.search(r"[^\W_]+$|[A-Z][a-z0-9]*$", name)
    return (name[: match.start()], match.group()) if match else (name, "")
