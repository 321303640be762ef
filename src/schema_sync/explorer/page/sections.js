// The rows of an object's sections.

function columnRow(table, column, isTarget) {
  const marks = [...new Set(table.marks.get(column.name) ?? [])];
  const target = `${table.address}.${encoded(column.name)}`;
  const keys = table.outgoing.filter((edge) => edge.key.columns.includes(column.name));
  const users = table.incoming.filter((edge) => edge.key.target_columns?.includes(column.name));
  const own = (table.findings ?? []).filter((each) => each.part === column.name);
  const uses = column.uses ?? [];
  return make(
    "div",
    `column ${worst(own)} ${isTarget ? "target" : ""}`,
    {},
    make(
      "p",
      "line",
      {},
      make("a", "name", { href: `#${target}` }, column.name),
      marks.map((mark) =>
        badge(
          mark,
          `mark ${mark.toLowerCase()}`,
          { PK: "primary key", FK: "foreign key", UK: "unique" }[mark],
        ),
      ),
      make("span", "type", {}, column.enum ? link(column.enum, typeOf(column)) : typeOf(column)),
      make("span", "null", {}, column.null ? "null" : "not null"),
    ),
    column.comment && make("p", "comment", {}, column.comment),
    column.default && make("p", "default", {}, "default ", make("code", "", {}, column.default)),
    keys.map((edge) =>
      make("p", "key", {}, "→ ", link(edge.target.address, titleOf(edge.target)), actionsText(edge)),
    ),
    users.length > 0 &&
      users.length <= 3 &&
      users.map((edge) =>
        make(
          "p",
          "key",
          {},
          "← ",
          link(edge.source.address, titleOf(edge.source)),
          ` (${listed(edge.key.columns)})`,
        ),
      ),
    users.length > 3 && make("p", "key soft", {}, `← ${users.length} keys reference it`),
    own.map(findingRow),
    useList(uses, isTarget, isTarget ? none("names") : ""),
    isTarget && column.enum && labelsOf(column),
  );
}

/** Return the labels of a column's enum, with how much code uses each. */
function labelsOf(column) {
  const at = find(column.enum);
  if (!at) return null;
  return make(
    "div",
    "labels",
    {},
    make("p", "soft", {}, "Labels, and the code that uses them:"),
    at.object.labels.map((label) =>
      make(
        "p",
        "row",
        {},
        link(`${at.object.address}.${encoded(label)}`, label),
        make("span", "soft", {}, counted(labelUses(at.object, label).length, "use")),
      ),
    ),
  );
}

function labelRow(object, label, isTarget, opened) {
  const own = (object.findings ?? []).filter((each) => each.part === label);
  return make(
    "div",
    `column label ${worst(own)} ${isTarget ? "target" : ""}`,
    {},
    make("p", "line", {}, make("a", "name", { href: `#${object.address}.${encoded(label)}` }, label)),
    own.map(findingRow),
    useList(labelUses(object, label), isTarget || opened, isTarget || opened ? none("uses") : ""),
  );
}

function actionsText(edge) {
  return edge.key.actions ? make("span", "soft", {}, ` ${edge.key.actions}`) : null;
}

function keyRow(edge, other) {
  const there = edge.key.target_columns?.length ? ` → ${listed(edge.key.target_columns)}` : "";
  return make(
    "p",
    "row",
    {},
    link(other.address, titleOf(other)),
    make("span", "soft", {}, `${listed(edge.key.columns)}${there}`),
    actionsText(edge),
  );
}

function securityRows(table) {
  if (!table.security) return [];
  const rows = (table.policies ?? []).map(policyRow);
  if (table.security === "off") {
    const why = rows.length
      ? "Off: these policies do not apply."
      : "Off, and no policy: whoever has a grant reads all rows.";
    return [make("p", "warn-text", {}, why), ...rows];
  }
  return rows.length ? rows : [make("p", "soft", {}, "On, and no policy: only roles that bypass it get in.")];
}

function policyRow(policy) {
  return make(
    "div",
    "policy",
    {},
    make(
      "p",
      "line",
      {},
      make("span", "name", {}, policy.name),
      badge(policy.command, "soft"),
      policy.restrictive && badge("restrictive", "warn"),
      make("span", "soft", {}, `to ${listed(policy.roles)}`),
    ),
    policy.using && make("p", "condition", {}, "using ", make("code", "", {}, policy.using)),
    policy.check && make("p", "condition", {}, "with check ", make("code", "", {}, policy.check)),
  );
}

function indexRow(index) {
  return make(
    "div",
    "index",
    {},
    make(
      "p",
      "line",
      {},
      make("span", "name", {}, index.name),
      badge(index.method, "soft"),
      index.unique && badge("unique", "soft"),
      index.invalid && badge("invalid", "warn"),
    ),
    make(
      "p",
      "condition",
      {},
      make("code", "", {}, listed(index.columns)),
      index.where && [" where ", make("code", "", {}, index.where)],
    ),
  );
}

function constraintRow(constraint) {
  return make(
    "p",
    "row",
    {},
    badge(constraint.kind, "soft"),
    constraint.name && make("span", "name", {}, constraint.name),
    make("code", "", {}, constraint.expression || listed(constraint.columns ?? [])),
  );
}

function triggerRow(trigger) {
  return make(
    "p",
    "row",
    {},
    make("span", "name", {}, trigger.name),
    make("span", "soft", {}, trigger.when),
    make("code", "", {}, trigger.function),
    trigger.disabled && badge("disabled", "warn"),
  );
}
