"""Names of fields in pydantic models and dataclasses, and the keys that pydantic makes of them.

Authority: pydantic's documentation, "Fields" (names that start with an underscore are private), "Alias" (the
functions of ``pydantic.alias_generators``) and "Configuration" (``protected_namespaces``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from itertools import chain

from schema_sync.mapping.names import is_key, own_marks

_OF_BASE_MODEL = (
    "construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json "
    "update_forward_refs validate"
)
_OF_METACLASS = "mro register"
PROTECTED = "model_"
_OF_MODEL_NAMESPACE = (
    "computed_fields config construct copy dump dump_json extra fields fields_set json_schema parametrized_name "
    "post_init rebuild validate validate_json validate_strings"
)
_WARNED = ("model_dump", "model_validate")  # the protected namespaces since pydantic 2.10
RESERVED = frozenset(
    {*_OF_BASE_MODEL.split(), *_OF_METACLASS.split(), *(PROTECTED + name for name in _OF_MODEL_NAMESPACE.split())}
)
"""The public attributes of ``BaseModel``, its metaclass's too: a field so named would hide one, or is refused."""


def is_field(name: str) -> bool:
    """Return whether a model can have a field called *name* that hides nothing of ``BaseModel``."""
    return is_key(name) and not name.startswith(("_", *_WARNED)) and name not in RESERVED


def field_name(key: str, taken: Collection[str] = ()) -> str:
    """Return the name of a model's field for *key*: itself if it can be, and is not in *taken*, or one like it."""
    if is_field(key) and key not in taken:
        return key
    normal = unicodedata.normalize("NFKC", key)
    name = "".join(char if f"x{char}".isidentifier() else "_" for char in normal).strip("_")
    if not name.isidentifier() or (name.startswith(PROTECTED) and not is_field(name)):
        name = f"field_{name}".rstrip("_")
    if name in taken or not is_field(name):
        name += "_"
    variants = (f"{name}{mark}" for mark in own_marks(key))
    return next(each for each in chain((name,), variants) if each not in taken)


def to_pascal(name: str) -> str:
    """Return what ``pydantic.alias_generators.to_pascal`` does."""
    return re.sub(r"([0-9A-Za-z])_(?=[0-9A-Z])", lambda match: match[1], name.title())


def to_camel(name: str) -> str:
    """Return what ``pydantic.alias_generators.to_camel`` does."""
    if re.match(r"^[a-z]+[A-Za-z0-9]*$", name) and not re.search(r"\d[a-z]", name):
        return name
    return re.sub(r"(^_*[A-Z])", lambda match: match[1].lower(), to_pascal(name))


def to_snake(name: str) -> str:
    """Return what ``pydantic.alias_generators.to_snake`` does."""
    snake = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    for before, behind in (("a-z", "A-Z"), ("0-9", "A-Z"), ("a-z", "0-9")):
        snake = re.sub(f"([{before}])([{behind}])", r"\1_\2", snake)
    return snake.replace("-", "_").lower()


GENERATORS: dict[str, Callable[[str], str]] = {"camel": to_camel, "pascal": to_pascal, "snake": to_snake}
