"""Python for a random database in a random style, as different people write it by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from random_schema import ENUMS, TABLES, Column, Drawer, Model, Relation, ident, keyable


@dataclass
class Style:
    newline: str
    unit: str
    quote: str
    optional: bool
    typing: str  # how typing is imported: names, module, alias, renamed
    postponed: bool
    strings: bool  # annotations in quotes
    enums: str
    comments: int  # one in
    listed: bool


@dataclass
class Code:
    """The files; ``classes`` is object → class; ``notes`` is comment → (object, key) that it belongs to."""

    files: dict[str, str] = field(default_factory=dict)
    configuration: str = ""
    classes: dict[str, str] = field(default_factory=dict)
    functional: set[str] = field(default_factory=set)
    notes: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


def draw_code(draw: Drawer, model: Model) -> Code:
    code = Code()
    single = draw.maybe()
    bindings: dict[str, str] = {}
    writer = _Writer(draw, model, code, bindings, single=single)
    enums = [writer.enum(name, labels) for name, labels in model.enums.items()]
    enum_style = writer.style
    rows_writer = writer if single else _Writer(draw, model, code, bindings, single=False)
    rows = [rows_writer.row(relation) for relation in model.relations.values()]
    if single:
        code.files["schemas/rows.py"] = writer.file([*enums, *rows])
        paths = "".join(f'{name} = "schemas/rows.py"\n' for name in ("enums", "entities", "relationships"))
        code.configuration = f"[paths]\n{paths}"
    else:
        code.files["schemas/enums.py"] = writer.file(enums)
        code.files["schemas/database/entities.py"] = rows_writer.file(rows)
    lines = "".join(f"{name} = {json.dumps(to)}\n" for name, to in bindings.items())
    code.configuration += f"\n[bindings]\n{lines}" if bindings else ""
    assert enum_style.newline
    return code


class _Writer:
    def __init__(self, draw: Drawer, model: Model, code: Code, bindings: dict[str, str], *, single: bool) -> None:
        self.draw, self.model, self.code, self.bindings, self.single = draw, model, code, bindings, single
        self.names: list[str] = []
        self.style = Style(
            newline=draw.one("\n", "\n", "\r\n"),
            unit=draw.one("    ", "    ", "  ", "\t"),
            quote=draw.one('"', "'"),
            optional=draw.maybe(),
            typing=draw.one("names", "names", "module", "alias", "renamed"),
            postponed=draw.maybe(3),
            strings=draw.maybe(5),
            enums=draw.one("(str, Enum)", "(Enum)", "(StrEnum)", "Literal"),
            comments=draw.number(2, 6),
            listed=draw.maybe(4),
        )

    # ---- names and comments

    def known(self, name: str) -> str:
        """Return how the file writes a name of typing."""
        prefix = {"module": "typing.", "alias": "t."}.get(self.style.typing, "")
        return {"renamed": f"_{name}"}.get(self.style.typing, prefix + name)

    def note(self, of: str | None, key: str | None, indent: str = "", *, trailing: bool = False) -> str:
        """Return a comment that belongs to an object's class, or to one of its items; or nothing."""
        if not self.draw.maybe(self.style.comments):
            return ""
        comment = f"# note {len(self.code.notes)}"
        self.code.notes[comment] = (of, key)
        return f"{self.draw.one('  ', ' ', '   ')}{comment}" if trailing else f"{indent}{comment}\n"

    def literal(self, value: str) -> str:
        """Return a string in the file's quotes, with few escapes."""
        escaped = json.dumps(value, ensure_ascii=self.draw.maybe(4))[1:-1].replace('\\"', '"')
        quote = self.style.quote
        return quote + escaped.replace(quote, "\\" + quote) + quote

    def binding(self, name: str, word: str, known: dict[str, str]) -> tuple[str, str, str]:
        """Return the class for an object, its docstring and a comment of its own; one of them binds."""
        ways = ["docstring", "comment"] + ["config"] + ["name"] * 3 * (name in known)
        ways = [way for way in ways if way != "comment" or "\n" not in name]
        way = self.draw.one(*ways)
        class_name = known[name] if way == "name" else f"Class{len(self.code.classes)}{self.draw.one('', 'Row')}"
        class_name = class_name.removesuffix("Row") if word == "Enum" and way != "name" else class_name
        self.code.classes[name] = class_name
        self.names.append(class_name)
        stated = f"{self.draw.one('Database', word)}: {self.draw.one('public.', '')}{ident(name)}"
        if way == "config":
            self.bindings[class_name] = f"public.{ident(name)}"
        doc = {"docstring": stated}.get(way, self.draw.one("", "", "What it holds."))
        if way == "comment":
            self.code.notes[f"# {stated}"] = (name, None)
        return class_name, doc, f"# {stated}\n" if way == "comment" else ""

    def doc(self, text: str, *, class_body: bool = True) -> list[str]:
        if not text:
            return []
        inner = json.dumps(text, ensure_ascii=False)[1:-1]
        lines = ['"""' + inner + self.draw.one(".", "") * (not inner.endswith(".")) + '"""']
        if inner.endswith('"'):
            lines = [f'"""{inner} """']
        if self.draw.maybe(3):
            lines = ['"""', inner, '"""']
        return lines + [""] * (class_body and self.draw.maybe())

    # ---- enums

    def enum(self, name: str, labels: list[str]) -> str:
        class_name, doc, marker = self.binding(name, "Enum", ENUMS)
        above = self.note(name, None)
        unit, style = self.style.unit, self.style.enums
        if style == "Literal":
            return above + marker + self._literal_alias(name, class_name, labels, doc)
        lines = [unit + line if line else "" for line in [*self.doc(doc), *marker.splitlines()]]
        upper = self.draw.maybe(4)
        for index, label in enumerate(labels):
            comment = self.note(name, label, unit)
            member = f"m{index}" if upper else f"M{index}"
            lines.append(f"{comment}{unit}{member} = {self.literal(label)}{self.note(name, label, trailing=True)}")
        if self.draw.maybe(3):
            lines += [
                "",
                f"{unit}def shout(self) -> str:",
                f"{unit * 2}return self.value.upper()  # of {class_name}",
            ]
            self.code.notes[f"# of {class_name}"] = (name, None)
        return f"{above}class {class_name}{style}:\n" + "\n".join(lines) + "\n"

    def _literal_alias(self, name: str, class_name: str, labels: list[str], doc: str) -> str:
        values = [self.literal(label) for label in labels]
        head = f"{class_name} = {self.known('Literal')}["
        if self.draw.maybe():
            body = head + ", ".join(values) + "]\n"
        else:
            inner = "".join(
                f"{self.style.unit}{value},{self.note(name, label, trailing=True)}\n"
                for value, label in zip(values, labels, strict=True)
            )
            body = f"{head}\n{inner}]\n"
        return body + "".join(f"{line}\n" for line in self.doc(doc, class_body=False))

    # ---- rows

    def row(self, relation: Relation) -> str:
        class_name, doc, marker = self.binding(
            relation.name, "Table" if relation.source is None else "View", TABLES
        )
        above = self.note(relation.name, None)
        total = ", total=False" * self.draw.maybe(5)
        for column in relation.columns:
            self.declare(relation, column)
        if not all(keyable(c.name) for c in relation.columns) or self.draw.maybe(4):
            self.code.functional.add(relation.name)
            return above + marker + self._functional(relation, class_name, doc, total)
        head = f"{above}class {class_name}({self.known('TypedDict')}{total}):"
        items = [f"{c.name}: {self.annotation(c)}" for c in relation.columns]
        if not doc and not marker and self.draw.maybe(6):
            return f"{head} {'; '.join(items)}\n"
        unit = self.style.unit
        lines = [unit + line if line else "" for line in [*self.doc(doc), *marker.splitlines()]]
        for column, item in zip(relation.columns, items, strict=True):
            if self.draw.maybe(6):
                lines += ["", f"{unit}# part {len(self.code.notes)}", ""]
                self.code.notes[lines[-2].strip()] = (relation.name, None)
            spaced = item.replace(": ", " : ", 1) if self.draw.maybe(6) else item
            comment = self.note(relation.name, column.name, unit)
            lines.append(comment + unit + spaced + self.note(relation.name, column.name, trailing=True))
        lines += [line.rstrip("\n") for line in [self.note(relation.name, None, unit)] if line]
        return head + "\n" + "\n".join(lines) + "\n"

    def declare(self, relation: Relation, column: Column) -> None:
        """Decide what the item says: a class for an enum where the file has it."""
        column.none = self.model.nullable(relation, column)
        column.declared = self.model.python(column)
        if column.type in self.model.enums and self.single and self.draw.maybe():
            column.declared = f"enum:{column.type}"

    def annotation(self, column: Column) -> str:
        base = column.declared.replace("Any", self.known("Any"))
        if base.startswith("enum:"):
            base = self.code.classes[column.type]
        if column.none:
            base = f"{self.known('Optional')}[{base}]" if self.style.optional else f"{base} | None"
        return f"{self.style.quote}{base}{self.style.quote}" if self.style.strings else base

    def _functional(self, relation: Relation, class_name: str, doc: str, total: str) -> str:
        entries = [(c, f"{self.literal(c.name)}: {self.annotation(c)}") for c in relation.columns]
        head = f"{class_name} = {self.known('TypedDict')}({self.literal(class_name)}, {{"
        after = "".join(f"{line}\n" for line in self.doc(doc, class_body=False))
        if self.draw.maybe(3):
            return f"{head}{', '.join(text for _, text in entries)}}}{total})\n{after}"
        lines = [
            f"{self.note(relation.name, column.name, self.style.unit)}{self.style.unit}{text},"
            f"{self.note(relation.name, column.name, trailing=True)}\n"
            for column, text in entries
        ]
        return f"{head}\n{''.join(lines)}}}{total})\n{after}"

    # ---- files

    def file(self, blocks: list[str]) -> str:
        imports = {
            "names": "from typing import Any, Literal, Optional, TypedDict\n",
            "module": "import typing\n",
            "alias": "import typing as t\n",
            "renamed": "from typing import Any as _Any, Literal as _Literal\n"
            "from typing import Optional as _Optional, TypedDict as _TypedDict\n",
        }[self.style.typing]
        parts = [
            self.note(None, None),
            '"""Written by hand."""\n' * self.draw.maybe(),
            "from __future__ import annotations\n" * self.style.postponed,
            "from enum import Enum, StrEnum\n",
            imports,
        ]
        if self.style.listed:
            parts.append(f"\n__all__ = [{', '.join(self.literal(name) for name in self.names)}]\n")
        for block in blocks:
            parts += ["\n" * self.draw.number(1, 3), self.note(None, None) + "\n" * self.draw.number(1, 2), block]
        parts += ["\n\n", self.note(None, None), "def helper(value: int) -> int:  # the program's own\n"]
        parts.append(f"{self.style.unit}return value + 1\n")
        return "".join(parts).replace("\n", self.style.newline)
