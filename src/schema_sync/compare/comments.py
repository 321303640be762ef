"""Comments of the database beside the text that classes carry for them.

In a docstring the text behind the marker line is the database's; above an item, the lines that begin with ``#:``
(Sphinx's mark for what documents an attribute, and the start of no tool's directive). What stands there and is
neither today's comment nor that of the last sync was written by a person, and is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schema_sync.compare.markers import marker_end
from schema_sync.model.catalog import Catalog, QName, Relation
from schema_sync.model.declarations import Declaration, RowDeclaration
from schema_sync.model.edits import SetDoc, SetItemComment
from schema_sync.model.pairs import CommentPair, EnumPair, Pair, RowPair

_LINE_BREAK = r"\r\n|[\r\n]"
_DIRECTIVE = r"#(?=\s*[^\W\d])"
_OWN_LINE = ":"  # what is left of "#:" without its "#"


def shown(comment: str | None) -> str:
    """Return *comment* as code carries it: lines of characters that can be seen, without blank ends.

    What cannot be seen (control and format characters, bidirectional marks, other line separators) is spelt out.
    """
    if comment is None:
        return ""
    lines = ("".join(map(_visible, line)).strip() for line in re.split(_LINE_BREAK, comment.replace("\t", " ")))
    return "\n".join(lines).strip()


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode("ascii")


def shown_above(comment: str | None) -> str:
    """Return *comment* for comment lines: no tool finds a directive behind a ``#`` within."""
    return re.sub(_DIRECTIVE, "#|", shown(comment))


def pair_comments(pairs: Iterable[Pair], former: Catalog | None) -> list[CommentPair]:
    """Return the comments of all that classes declare in *pairs*; *former* is the catalog of the last sync."""
    ordered = sorted(pairs, key=lambda pair: not isinstance(pair, EnumPair))
    return [comment for pair in ordered for comment in _comments(pair, former)]


def _comments(pair: Pair, former: Catalog | None) -> Iterator[CommentPair]:
    if not isinstance(pair, RowPair | EnumPair) or pair.declared is None or pair.expected is None:
        return
    if isinstance(pair, EnumPair):
        yield from _doc(pair, pair.declared, pair.expected.comment, former)
    elif pair.shape == "row" and not pair.partial and pair.declared.form != "sqlalchemy":
        yield from _doc(pair, pair.declared, pair.expected.comment, former)
        if pair.declared.form != "functional":
            yield from _items(pair, pair.declared, former)


def _doc(
    pair: RowPair | EnumPair, declared: Declaration, expected: str, former: Catalog | None
) -> Iterator[CommentPair]:
    doc = declared.doc or ""
    end = marker_end(doc)
    region = doc[end:] if end else ""
    before = shown(_comment(former, pair))
    if expected and (_behind(region, expected) is not None or (not end and _squeezed(expected) in _squeezed(doc))):
        return
    tail = _behind(region, before) if before else region if not region.strip() else None
    if not expected and (not before or tail is None):
        return  # what stands there, if anything, is a person's
    edit = SetDoc(
        path=declared.at.path,
        declaration=declared.name,
        head=doc[:end] if end else doc,
        marker="" if end else pair.target.marker,
        comment=expected,
        tail=tail or "",
    )
    yield CommentPair(
        target=pair.target,
        declared=declared,
        at=declared.at,
        expected=expected,
        edit=edit if tail is not None else None,
    )


def _items(pair: RowPair, declared: RowDeclaration, former: Catalog | None) -> Iterator[CommentPair]:
    for each in pair.items:
        if each.expected is None or each.declared is None or each.declared.inherited:
            continue
        expected = each.expected.comment
        written = [line[1:] for line in each.declared.comments if line.startswith(_OWN_LINE)]
        has = _squeezed(" ".join(written))
        if has == _squeezed(expected):
            continue
        before = shown_above(_comment(former, pair, each.renamed_from or each.expected.key))
        known = not has or has == _squeezed(before)
        if expected or (has and known):
            path, key = declared.at.path, each.declared.name
            edit = SetItemComment(path=path, declaration=declared.name, key=key, comment=expected)
            yield CommentPair(
                target=pair.target,
                declared=declared,
                column=each.expected.key,
                at=each.declared.at,
                expected=expected,
                edit=edit if known else None,
            )


def _comment(catalog: Catalog | None, pair: RowPair | EnumPair, column: str | None = None) -> str | None:
    target = pair.target
    name = pair.rebound.former if pair.rebound is not None else QName(schema=target.schema, name=target.name)
    if catalog is None:
        return None
    if target.kind == "enum":
        enum = catalog.enums_by_name.get(name)
        return enum.comment if enum else None
    found = catalog.relations_by_name.get(name) or catalog.composites_by_name.get(name)
    if found is None or column is None:
        return found.comment if found else None
    columns = found.columns if isinstance(found, Relation) else found.attributes
    return next((c.comment for c in columns if c.name == column), None)


def _behind(region: str, text: str) -> str | None:
    """Return what follows *text* at the start of *region*, whatever the blanks; None if it is not there."""
    match = re.match(r"\s*" + r"\s+".join(map(re.escape, text.split())) + r"(?!\S)", region)
    return region[match.end() :] if match and text else None


def _squeezed(text: str) -> str:
    """Return *text* for comparison: blanks are alike, and a character is like its escape (as in latin-1 files)."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode("ascii")
