"""Names both ways: what new classes and members are called, and which names a class may map to.

Singular and plural come from the library ``pluralizer``; the configuration may add exceptions.
"""

from __future__ import annotations

import builtins
import hashlib
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from schema_sync.model.declarations import Shape

if TYPE_CHECKING:
    from pluralizer import Pluralizer

ROW_SUFFIX = "Row"
SHAPE_SUFFIXES: Mapping[Shape, str] = {"row": ROW_SUFFIX, "insert": "Insert", "update": "Update"}
API_SUFFIXES: Mapping[str, Shape] = {  # of models and dataclasses that an API takes or returns
    **dict.fromkeys(("Create", "In", "Insert"), "insert"),
    **dict.fromkeys(("Update", "Patch"), "update"),
    **dict.fromkeys(("Response", "Read", "Out", "Summary", "Public"), "row"),
}
MODEL_SUFFIXES = (ROW_SUFFIX, "InDB", *API_SUFFIXES)
_WRITTEN = frozenset(
    {"Add", "Create", "Edit", "Form", "Input", "Insert", "New", "Patch", "Payload", "Request", "Update", "Upsert"}
)
_CAPITALIZED = re.compile(r"[A-Z][a-z]+")
_ENUM_SUFFIXES = ("Type", "Enum")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
_NOT_WORD = re.compile(r"[\W_]+")
_TAKEN_BY_ENUM = frozenset({"name", "value", "mro"})
_TAKEN_BY_IMPORTS = frozenset(
    {
        *("Annotated", "Any", "ClassVar", "Final", "Literal", "NotRequired", "Optional", "ReadOnly", "Required"),
        *("Self", "Sequence", "TypeAlias", "TypeAliasType", "TypeVar", "TypedDict", "Union"),
        *("Array", "BaseModel", "ConfigDict", "Decimal", "Enum", "Field", "Json", "StrEnum"),
    }
)
_ONE, _MANY = 1, 2
_OWN_DIGITS = 6
_REMEMBERED = 65_536  # names of a database: a server lives long


@lru_cache(maxsize=_REMEMBERED)
def is_key(name: str) -> bool:
    """Return whether *name* can be written as an item of a class-form TypedDict and means itself.

    A name that Python would normalise (PEP 3131, NFKC) or mangle (two leading underscores) cannot.
    """
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and unicodedata.normalize("NFKC", name) == name
        and not (name.startswith("__") and not name.endswith("__"))
    )


# ---- to Python


def row_class_stem(relation: str, plurals: Mapping[str, str]) -> str:
    """Return the name of a new row class less its suffix: ``organizations`` → ``Organization``."""
    return _pascal(_inflected(relation, _ONE, plurals), fallback="Table")


def row_class_stems(relation: str, plurals: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a row class for *relation* is usually called less its suffix: in the singular, and as it is."""
    return row_class_stem(relation, plurals), _pascal(relation, fallback="Table")


def enum_class_stems(enum: str, _: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a class for *enum* is usually called: with a word such as ``type`` at its end, and without."""
    name = enum_class_name(enum)
    return name, _without(name, _ENUM_SUFFIXES)


def stem_and_suffix(name: str, *, enum: bool) -> tuple[str, str]:
    """Return a class's name less the suffix that says what it is, and that suffix; an Enum has none."""
    stem = name if enum else _without(name, tuple(SHAPE_SUFFIXES.values()))
    return stem, name.removeprefix(stem)


def function_class_name(function: str, types: Collection[str] = ()) -> str:
    """Return what the names of a function's classes begin with: ``search_items`` → ``SearchItems``.

    The *types* of its arguments tell it from others of its name.
    """
    words = [_pascal(t.replace("[]", " array"), fallback="") for t in types]
    return "".join([_pascal(function, fallback="Function"), *words])


def enum_class_name(enum: str) -> str:
    """Return the name of a new Enum class: ``organization_type`` → ``OrganizationType``.

    One that could be a row class's name, or that generated files import, states that it is an Enum.
    """
    name = _pascal(enum, fallback="Enum")
    taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in _TAKEN_BY_IMPORTS
    return f"{name}Enum" if taken or _without(name, tuple(SHAPE_SUFFIXES.values())) != name else name


def is_snake(name: str) -> bool:
    """Return whether *name* is spelled as PostgreSQL's own names are: ``user_role``, not ``UserRole``."""
    return bool(name) and name == "_".join(_words(name)).lower()


def relation_rank(relation: str, plurals: Mapping[str, str]) -> int:
    """Return how far a relation's name is from its class's: ``user_roles``, then ``user_role``, then others."""
    if not is_snake(relation):
        return 2
    return 0 if _inflected(relation, _MANY, plurals) == relation else 1


def prefixed(schema: str, name: str) -> str:
    """Return a class name in a schema that is not the first: ``ItemRow`` in ``other`` → ``OtherItemRow``."""
    return unicodedata.normalize("NFKC", _pascal(schema, fallback="Schema") + name)


def member_name(label: str, taken: Collection[str], *, upper: bool = True, own: str | None = None) -> str:
    """Return a name for the member of an enum *label* that is an identifier and not in *taken*.

    ``on hold`` → ``ON_HOLD``; with ``upper=False`` → ``on_hold``. *own* is the label itself where *label* is
    only what a file can hold of it.
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
        name += "_" * (keyword.iskeyword(name) or name in _TAKEN_BY_ENUM or hasattr(str, name))
    marks = own_marks(label if own is None else own)
    variants = (f"{name}_{mark.upper() if upper else mark}" for mark in marks)
    return next(each for each in chain((name,), variants) if each not in taken)


def own_marks(name: str) -> Iterator[str]:
    """Yield hexadecimal digits that distinguish *name* from all others, ever more of them.

    It depends on the name alone, so what others are called, or come to be, changes nothing.
    """
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    yield from (digest[:length] for length in range(_OWN_DIGITS, len(digest) + 1))


def _words(name: str) -> list[str]:
    """Split at whatever cannot stand in an identifier (PEP 3131), and at underscores."""
    if name.isascii():
        return _ASCII_WORD.findall(name)
    normal = unicodedata.normalize("NFKC", name)
    return "".join(c if f"x{c}".isidentifier() and c != "_" else " " for c in normal).split()


def _pascal(name: str, *, fallback: str) -> str:
    words = [w.capitalize() if w.isupper() else w[:1].upper() + w[1:] for w in _words(name)]
    joined = unicodedata.normalize("NFKC", "".join(words))
    if not joined.isidentifier():
        joined = unicodedata.normalize("NFKC", fallback + joined)  # what begins with a mark composes with it
    return joined


# ---- and back


def folded(name: str) -> str:
    """Return what two spellings of one name share: ``OAuth_Clients`` and ``oauthclients``."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", name)).casefold()


def relation_keys(relation: str, plurals: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of what a row class for *relation* may be called, less its suffix."""
    exact = folded(relation)
    yield 0, exact
    for other in {folded(_inflected(relation, count, plurals)) for count in (_ONE, _MANY)} - {exact}:
        yield 1, other


def enum_keys(enum: str, plurals: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of what a class for *enum* may be called: also without ``_type``."""
    yield from relation_keys(enum, plurals)
    stem = _without(folded(enum), tuple(map(str.casefold, _ENUM_SUFFIXES)))
    if stem != folded(enum):
        yield 2, stem


def row_class_keys(name: str, *, model: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of the relations that a row class, or a *model* or dataclass, may map to."""
    stem = _without(name, MODEL_SUFFIXES if model else tuple(SHAPE_SUFFIXES.values()))
    yield 0, folded(stem)
    if stem != name:
        yield 1, folded(name)


def enum_class_keys(name: str) -> Iterator[tuple[int, str]]:
    """Yield (rank, folded name) of the enums a class *name* may map to."""
    yield 0, folded(name)
    stem = _without(name, _ENUM_SUFFIXES)
    if stem != name:
        yield 1, folded(stem)


def has_suffix(name: str) -> bool:
    """Return whether a model or dataclass *name* has a suffix of those for tables."""
    return _without(name, MODEL_SUFFIXES) != name


def api_shape(name: str) -> Shape | None:
    """Return the shape of an API model *name*, None if its suffix is not one of theirs."""
    suffix = name.removeprefix(_without(name, tuple(API_SUFFIXES)))
    return API_SUFFIXES.get(suffix)


def is_written(name: str) -> bool:
    """Return whether an API model *name* is what an API takes, by its suffix, else by any of its words."""
    shape = api_shape(name)
    return shape != "row" if shape else not _WRITTEN.isdisjoint(_CAPITALIZED.findall(name))


def row_class_shape(name: str, relation: str, plurals: Mapping[str, str], *, model: bool = False) -> Shape:
    """Return the shape that the suffix of a row class, or of a *model* or dataclass, gives it.

    The suffix counts for nothing where it belongs to the relation: ``LastUpdate`` for ``last_updates``.
    """
    if not model and name.endswith(ROW_SUFFIX):
        return "row"
    shapes: list[Shape] = [shape for shape, suffix in SHAPE_SUFFIXES.items() if name.endswith(suffix)]
    shape: Shape = (api_shape(name) if model else shapes[0] if shapes else None) or "row"
    if shape != "row" and folded(name) in {key for _, key in relation_keys(relation, plurals)}:
        return "row"
    return shape


def first_guess(name: str) -> str:
    """Return the relation that a row class most likely names, in snake case: ``UserRoleRow`` → ``user_roles``."""
    stem = _without(name, tuple(SHAPE_SUFFIXES.values()))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", stem).lower()
    return _inflected(snake, _MANY, {})


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


def _inflected(name: str, count: int, plurals: Mapping[str, str]) -> str:
    """Return *name* with its last word as it is for one thing, or for many."""
    match = re.search(r"[^\W_]+$|[A-Z][a-z0-9]*$", name)
    head, last = (name[: match.start()], match[0]) if match else (name, "")
    for one, many in plurals.items():
        other, wanted = (many, one) if count == _ONE else (one, many)
        if last.casefold() == other.casefold():
            return head + wanted
    return head + _by_library(last, count)


@lru_cache(maxsize=_REMEMBERED)
def _by_library(word: str, count: int) -> str:
    return str(_pluralizer().pluralize(word, count)) if word else word
