// The pane at the right: one object, or the overview.

/** Return a link to an object, or its name where the page does not have it. */
function link(target, text) {
  return find(target) ? make("a", "link", { href: `#${target}` }, text) : make("span", "link", {}, text);
}

/** Return the address of a file in the editor; null where the page was not opened from the project. */
function editorAddress(place) {
  if (data.way === undefined || data.way === null || location.protocol !== "file:") return null;
  const way = [...data.way.split("/"), ...place.path.split("/")].map(encodeURIComponent).join("/");
  const file = new URL(way, location.href.split(/[?#]/)[0]).pathname;
  return `vscode://file${file}:${place.line}:${place.column ?? 1}`;
}

function placeLink(place) {
  const text = `${place.path}:${place.line}`;
  const target = editorAddress(place);
  return target
    ? make("a", "place", { href: target, title: "Open in the editor" }, text)
    : make("span", "place", {}, text);
}

function section(title, ...children) {
  const inside = children.flat(2).filter(Boolean);
  return inside.length ? make("section", "part", {}, make("h2", "", {}, title), inside) : null;
}

/** Return the first rows, and those behind them folded; *all* is how many things there are. */
function folded(rows, most, all = rows.length) {
  if (rows.length <= most + 2) return rows;
  const summary = make("summary", "", {}, `${(all - most).toLocaleString("en")} more`);
  return [...rows.slice(0, most), make("details", "more", {}, summary, rows.slice(most))];
}

function badge(text, names = "", tip = null) {
  return make("span", `badge ${names}`, { title: tip }, text);
}

function findingRow(finding) {
  return make(
    "p",
    `finding ${finding.severity}`,
    {},
    badge(finding.severity, finding.severity, finding.rule),
    " ",
    finding.message,
    " ",
    make("span", "rule", { title: `schema-sync explain ${finding.rule}` }, finding.rule),
    finding.moved && make("span", "soft", {}, ` moved: ${finding.moved}`),
    " ",
    placeLink(finding.at),
  );
}

function useRow(use) {
  return make(
    "li",
    "use",
    {},
    placeLink(use),
    " ",
    use.call && make("code", "", {}, use.call),
    use.values?.length ? make("span", "values", {}, ` ${listed(use.values)}`) : null,
    use.function && make("span", "soft", {}, ` in ${use.function}`),
    use.inferred && badge("inferred", "soft", "The name reaches this call by way of variables"),
  );
}

/** Return uses as a list that opens; the same place stands in it once. */
function useList(uses, opened, otherwise = "") {
  const once = [
    ...new Map(uses.map((use) => [`${use.path}:${use.line}:${use.column ?? 1}:${use.call}`, use])).values(),
  ];
  if (!once.length) return otherwise && make("p", "soft", {}, otherwise);
  return make(
    "details",
    "uses",
    { open: opened },
    make("summary", "", {}, counted(once.length, "use")),
    make("ul", "", {}, once.map(useRow)),
  );
}

function heading(object, kind) {
  return [
    make("p", "crumbs", {}, make("a", "", { href: "#" }, "Overview"), ` / ${object.schema}`),
    make("h1", "", {}, object.name),
    make(
      "p",
      "badges",
      {},
      badge(kind, "kind"),
      object.security &&
        badge(
          { on: "row security on", forced: "row security forced", off: "row security off" }[object.security],
          object.security === "off" ? "warn" : "fine",
        ),
      object.severity && badge(`${object.severity} drift`, object.severity),
      object.type === "table" &&
        make("button", "quiet show", { type: "button", onclick: () => showOnMap(object) }, "Show on the map"),
    ),
    object.comment && make("p", "comment", {}, object.comment),
  ];
}

function wholeFindings(object) {
  const parts = object.type === "table" ? object.byName : new Set(object.labels ?? []);
  const whole = (object.findings ?? []).filter((each) => !parts.has(each.part));
  return whole.map(findingRow);
}

function classes(object) {
  return section(
    "Python",
    (object.classes ?? []).map((each) =>
      make(
        "div",
        "class",
        {},
        make("code", "name", {}, each.name),
        " ",
        badge(each.role, "soft"),
        " ",
        placeLink(each.at),
        useList(each.uses ?? [], false),
      ),
    ),
  );
}

/** Return what to say where no query uses an object: what was not read is not known. */
function none(verb) {
  return data.queries
    ? `No query found that ${verb} it.`
    : "Not known: queries are off in the configuration.";
}

function tablePane(table, part) {
  return [
    heading(table, table.kind),
    wholeFindings(table),
    section("Used by the code", useList(table.uses ?? [], (table.uses ?? []).length <= 5, none("names"))),
    section(
      "Columns",
      (table.columns ?? []).map((column) => columnRow(table, column, column.name === part)),
    ),
    classes(table),
    section(
      "References",
      table.outgoing.map((edge) => keyRow(edge, edge.target)),
    ),
    section(
      "Referenced by",
      table.incoming.map((edge) => keyRow(edge, edge.source)),
    ),
    section("Reads", (table.reads ?? []).map(viewRow)),
    section("Read by views", table.readers.map(viewRow)),
    section("Definition", table.definition && make("pre", "sql", {}, table.definition)),
    section("Row level security", securityRows(table)),
    section("Indexes", (table.indexes ?? []).map(indexRow)),
    section(
      "Constraints",
      (table.constraints ?? []).filter((each) => each.kind !== "foreign key").map(constraintRow),
    ),
    section("Triggers", (table.triggers ?? []).map(triggerRow)),
    changesSection(table),
  ];
}

function viewRow(target) {
  const at = find(target);
  return make("p", "row", {}, link(target, at ? titleOf(at.object) : parts(target).join(".")));
}

function enumPane(object, part) {
  return [
    heading(object, "enum"),
    wholeFindings(object),
    section(
      "Labels",
      object.labels.map((label) => labelRow(object, label, label === part, part === undefined)),
    ),
    section(
      "Columns of this type",
      (object.columns ?? []).map((column) =>
        make(
          "p",
          "row",
          {},
          link(
            column,
            parts(column)
              .slice(severalSchemas ? 0 : 1)
              .join("."),
          ),
        ),
      ),
    ),
    classes(object),
    changesSection(object),
  ];
}

function functionPane(object) {
  return [
    heading(object, "function"),
    wholeFindings(object),
    object.signatures.map((each) =>
      make(
        "div",
        "policy",
        {},
        make(
          "p",
          "signature",
          {},
          make("code", "", {}, `${object.name}(${each.arguments ?? ""})`),
          each.returns && [" → ", make("code", "", {}, each.returns)],
        ),
        make("p", "soft", {}, each.kind),
        each.comment && make("p", "comment", {}, each.comment),
      ),
    ),
    section("Used by the code", useList(object.uses ?? [], true, none("calls"))),
    classes(object),
  ];
}

/** Show what an address leads to. */
function showPane(at, isHistory) {
  const pane = byId("pane");
  pane.scrollTop = 0;
  if (isHistory) {
    replaceChildren(pane, historyPane());
    document.title = "History";
    return;
  }
  if (!at) {
    replaceChildren(pane, overviewPane());
    document.title = data.title ? `${shown(data.title)}: schema` : "Schema";
    return;
  }
  const kinds = { table: tablePane, enum: enumPane, function: functionPane };
  replaceChildren(pane, kinds[at.object.type](at.object, at.part));
  document.title = shown(at.part === undefined ? titleOf(at.object) : `${titleOf(at.object)}.${at.part}`);
  pane.querySelector(".target")?.scrollIntoView({ block: "center" });
}
