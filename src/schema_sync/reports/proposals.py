"""Proposed bindings in words, and the lines of the configuration that accept them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from schema_sync.model.findings import Proposal
from schema_sync.reports.base import counted

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")  # TOML 1.0, "Keys"
_CONFIGURATION = "schema-sync.toml"
_TABLES = {"pyproject.toml": "[tool.schema-sync.bindings]"}


def looks_like(proposal: Proposal, first_schema: str) -> str:
    """Return what a class looks like, as a sentence that a person can answer."""
    names = [each.name if each.schema == first_schema else str(each) for each in proposal.objects]
    fields = counted(len(proposal.declaration.items), "field")
    said = f"{proposal.declaration.name} looks like {' or '.join(names)} ({proposal.columns} of {fields})"
    return f"{said}: bind it {'' if proposal.binding else 'to one of them '}as partial?"


def heading(proposals: Sequence[Proposal]) -> str:
    """Return the line above a list of *proposals*."""
    count = len(proposals)
    return f"{counted(count, 'class')} that nothing binds {'looks' if count == 1 else 'look'} like a table:"


def listed(proposals: Sequence[Proposal], first_schema: str) -> list[str]:
    """Return what is proposed, a line each, with the places of the classes."""
    return [heading(proposals), *(f"  {p.declaration.at}: {looks_like(p, first_schema)}" for p in proposals)]


def to_paste(proposals: Sequence[Proposal], path: str) -> list[str]:
    """Return what to write into the configuration *path* (empty: none is there) for *proposals*.

    Where several objects fit equally, the line is a comment of TOML: a person chooses.
    """
    path = path or _CONFIGURATION
    is_json = path.endswith(".json")
    table = '"bindings"' if is_json else _TABLES.get(path.rpartition("/")[2], "[bindings]")
    unbound = binding_lines({proposals[0].key: ""}, is_json=is_json)[0]
    accepted = dict(filter(None, (proposal.binding for proposal in proposals)))
    lines = binding_lines(accepted, is_json=is_json)
    for proposal in proposals:
        if not proposal.binding:
            key = f"{quoted(proposal.key)}:" if is_json else f"# {_toml_key(proposal.key)} ="
            lines.append(f"{key} {' or '.join(map(quoted, proposal.stated))}")
    return [
        f"to accept, under {table} in {path} ({unbound} there keeps a class unbound):",
        *(f"  {x}" for x in lines),
    ]


def binding_lines(bindings: Mapping[str, str], *, is_json: bool) -> list[str]:
    """Return *bindings* as lines of TOML, or as members of a JSON object with a comma behind each but the last."""
    if is_json:
        lines = [f"{quoted(key)}: {quoted(value)}" for key, value in bindings.items()]
        return [*(f"{line}," for line in lines[:-1]), *lines[-1:]]
    return [f"{_toml_key(key)} = {quoted(value)}" for key, value in bindings.items()]


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else quoted(key)


def quoted(text: str) -> str:
    """Return *text* as a string of JSON that is one of TOML too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
