// The pane at the right: the overview, or one object.

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

function badge(text, names = "", tip = null) {
  return make("span", `badge ${names}`, { title: tip }, text);
}

function findingRow(finding) {
  return make(
    "p", `finding ${finding.severity}`, {},
    badge(finding.severity, finding.severity, finding.rule), " ", finding.message, " ",
    make("span", "rule", {}, finding.rule), " ", placeLink(finding.at),
  );
}

function useRow(use) {
  return make(
    "li", "use", {},
    placeLink(use), " ", use.call && make("code", "", {}, use.call),
    use.values?.length ? make("span", "values", {}, ` ${listed(use.values)}`) : null,
    use.function && make("span", "soft", {}, ` in ${use.function}`),
    use.inferred && badge("inferred", "soft", "The name reaches this call by way of variables"),
  );
}

/** Return uses as a list that opens; the same place stands in it once. */
function useList(uses, opened, none = "") {
  const once = [...new Map(uses.map((use) => [`${use.path}:${use.line}:${use.column ?? 1}:${use.call}`, use])).values()];
  if (!once.length) return none && make("p", "soft none", {}, none);
  return make(
    "details", "uses", { open: opened },
    make("summary", "", {}, counted(once.length, "use")),
    make("ul", "", {}, once.map(useRow)),
  );
}

function heading(object, kind) {
  return [
    make("p", "crumbs", {}, make("a", "", { href: "#" }, "Overview"), ` / ${object.schema}`),
    make("h1", "", {}, object.name),
    make(
      "p", "badges", {}, badge(kind, "kind"),
      object.security && badge({ on: "row security on", forced: "row security forced", off: "row security off" }[object.security], object.security === "off" ? "warn" : "fine"),
      object.severity && badge(`${object.severity} drift`, object.severity),
      object.type === "table" && make("button", "quiet show", { type: "button", onclick: () => showOnMap(object) }, "Show on the map"),
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
        "div", "class", {},
        make("code", "name", {}, each.name), " ", badge(each.role, "soft"), " ", placeLink(each.at),
        useList(each.uses ?? [], false),
      ),
    ),
  );
}

/** Return what to say where no query uses an object: what was not read is not known. */
function none(verb) {
  return data.queries ? `No query found that ${verb} it.` : "Not known: queries are off in the configuration.";
}

function tablePane(table, part) {
  return [
    heading(table, table.kind),
    wholeFindings(table),
    section("Used by the code", useList(table.uses ?? [], (table.uses ?? []).length <= 5, none("names"))),
    section("Columns", (table.columns ?? []).map((column) => columnRow(table, column, column.name === part))),
    classes(table),
    section("References", table.outgoing.map((edge) => keyRow(edge, edge.target))),
    section("Referenced by", table.incoming.map((edge) => keyRow(edge, edge.source))),
    section("Row level security", securityRows(table)),
    section("Indexes", (table.indexes ?? []).map(indexRow)),
    section("Constraints", (table.constraints ?? []).filter((each) => each.kind !== "foreign key").map(constraintRow)),
    section("Triggers", (table.triggers ?? []).map(triggerRow)),
  ];
}

function enumPane(object, part) {
  return [
    heading(object, "enum"),
    wholeFindings(object),
    section("Labels", object.labels.map((label) => labelRow(object, label, label === part, part === undefined))),
    section(
      "Columns of this type",
      (object.columns ?? []).map((column) => make("p", "row", {}, link(column, parts(column).slice(severalSchemas ? 0 : 1).join(".")))),
    ),
    classes(object),
  ];
}

function functionPane(object) {
  return [
    heading(object, "function"),
    wholeFindings(object),
    make("p", "signature", {}, make("code", "", {}, `${object.name}(${object.arguments ?? ""})${object.returns ? ` → ${object.returns}` : ""}`)),
    object.kind && make("p", "soft", {}, object.kind),
    section("Used by the code", useList(object.uses ?? [], true, none("calls"))),
    classes(object),
  ];
}

function overviewPane() {
  const found = tables.concat(enums, functions).flatMap((object) => object.findings ?? []).concat((data.gone ?? []).map(([, each]) => each));
  const hubs = [...tables].sort((a, b) => b.incoming.length - a.incoming.length).slice(0, 8).filter((each) => each.incoming.length);
  const drifted = [...tables, ...enums, ...functions].filter((each) => each.severity);
  drifted.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return [
    make("h1", "", {}, data.title || "Database schema"),
    make("p", "soft", {}, `Schemas: ${listed(data.schemas)}. Source: ${data.source}.`),
    section(
      "Drift",
      found.length
        ? make("p", "badges", {}, SEVERITIES.map((word) => [word, found.filter((each) => each.severity === word).length]).filter(([, count]) => count).map(([word, count]) => badge(`${count} ${word}`, word)))
        : make("p", "fine-text", {}, "✓ No drift found."),
      drifted.slice(0, 30).map((each) => make("p", "row", {}, make("span", `dot ${each.severity}`), link(each.address, titleOf(each)), make("span", "soft", {}, counted(each.findings.length, "finding")))),
      drifted.length > 30 && make("p", "soft", {}, `… and ${drifted.length - 30} more: use the legend of the map.`),
    ),
    section("Not in the database", (data.gone ?? []).map(([name, each]) => make("div", "", {}, make("code", "", {}, name), findingRow(each)))),
    section("Classes without an object", (data.unmatched ?? []).map(([name, at]) => make("p", "row", {}, make("code", "", {}, name), placeLink(at)))),
    section("Most referenced", hubs.map((each) => make("p", "row", {}, link(each.address, titleOf(each)), make("span", "soft", {}, counted(each.incoming.length, "key"))))),
    section("Enums", enums.slice(0, 60).map((each) => make("p", "row", {}, link(each.address, titleOf(each)), make("span", "soft", {}, counted(each.labels.length, "label")))), enums.length > 60 && make("p", "soft", {}, `… and ${enums.length - 60} more`)),
    section("Functions", functions.slice(0, 60).map((each) => make("p", "row", {}, link(each.address, titleOf(each)))), functions.length > 60 && make("p", "soft", {}, `… and ${functions.length - 60} more`)),
    section("Not shown or not checked", (data.not_shown ?? []).map((each) => make("p", "soft", {}, `${each.what}: ${each.why}`))),
    section("Keys", make("p", "soft keys", {}, make("kbd", "", {}, "/"), " search ", make("kbd", "", {}, "↑ ↓ Enter"), " choose ", make("kbd", "", {}, "Esc"), " back ", make("kbd", "", {}, "+ - 0"), " zoom")),
  ];
}

/** Show what an address leads to. */
function showPane(at) {
  const pane = byId("pane");
  if (!at) {
    replaceChildren(pane, overviewPane());
    document.title = data.title ? `${shown(data.title)}: schema` : "Schema";
    return;
  }
  const kinds = { table: tablePane, enum: enumPane, function: functionPane };
  replaceChildren(pane, kinds[at.object.type](at.object, at.part));
  document.title = shown(at.part === undefined ? titleOf(at.object) : `${titleOf(at.object)}.${at.part}`);
  pane.scrollTop = 0;
  pane.querySelector(".target")?.scrollIntoView({ block: "center" });
}
