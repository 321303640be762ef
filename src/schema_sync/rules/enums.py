"""Enum types and their labels against Enum classes and their members."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.edits import AddEnum, AddMember, OrderMembers, RemoveMember
from schema_sync.model.pairs import EnumPair
from schema_sync.rules.findings import Fault, label_text, listed, named


def undeclared(pair: EnumPair) -> Iterator[Fault]:
    """Yield the fault of an enum type that no class declares."""
    if pair.declared is not None or pair.expected is None:
        return
    target, labels = pair.target, pair.expected.labels
    edit = AddEnum(
        path=target.path,
        declaration=target.class_name,
        marker=target.marker,
        labels=labels,
        comment=pair.expected.comment,
    )
    yield Fault(
        facts=(("labels", labels), ("class_name", target.class_name)),
        message=f"No class declares {named(target)}.",
        detail=f"Values: {listed(labels)}",
        edits=(edit,),
    )


def label_renamed(pair: EnumPair) -> Iterator[Fault]:
    """Yield a fault for each label that members have under its former name."""
    declared = pair.declared
    if declared is None:
        return
    for edit in pair.renamed:
        label, former = edit.new_label, edit.label
        yield Fault(
            label=label,
            facts=(("renamed_from", former),),
            message=f"{declared.name} has {former!r}, which {named(pair.target)} now calls {label!r}.",
            detail=f"renamed from {label_text(former)}",
            at=next(member.at for member in declared.members if member.value == former),
            edits=(edit,),
        )


def label_undeclared(pair: EnumPair) -> Iterator[Fault]:
    """Yield a fault for each label without a member."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    values = {member.value for member in declared.members}
    values.update(edit.new_label for edit in pair.renamed)
    before: str | None = None
    for label in pair.expected.labels:
        if label not in values:
            yield Fault(
                label=label,
                message=f"{declared.name} has no member for the label {label!r} of {named(pair.target)}.",
                several=f"are labels of {named(pair.target)}, but {declared.name} has no members for them.",
                edits=(AddMember(path=declared.at.path, declaration=declared.name, label=label, after=before),),
            )
        before = label


def label_removed(pair: EnumPair) -> Iterator[Fault]:
    """Yield a fault for each member, aliases apart, whose value is not a label."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    labels = {*pair.expected.labels, *(edit.label for edit in pair.renamed)}
    for member in declared.members:
        if member.value is None or member.value in labels or member.alias_of is not None:
            continue
        yield Fault(
            label=member.value,
            facts=(("member", member.name),),
            message=f"{declared.name}.{member.name} is {member.value!r}, no label of {named(pair.target)}.",
            several=f"are values of {declared.name}, but no labels of {named(pair.target)}.",
            at=member.at,
            edits=(RemoveMember(path=declared.at.path, declaration=declared.name, label=member.value),),
        )


def order_mismatch(pair: EnumPair) -> Iterator[Fault]:
    """Yield the fault of members that stand in another order than their labels."""
    declared = pair.declared
    if declared is None or pair.expected is None:
        return
    labels = pair.expected.labels
    known, now = set(labels), {edit.label: edit.new_label for edit in pair.renamed}
    values = (now.get(m.value or "", m.value) for m in declared.members if m.alias_of is None)
    has = [value for value in values if value in known]
    there = set(has)
    wants = [label for label in labels if label in there]
    if has == wants:
        return
    yield Fault(
        facts=(("labels", labels),),
        message=f"{declared.name} has its members in another order than {named(pair.target)}: {listed(wants)}.",
        detail=f"Order: {listed(wants)}",
        edits=(OrderMembers(path=declared.at.path, declaration=declared.name, labels=labels),),
    )
