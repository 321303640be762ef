// The pane where no object is chosen: drift, what is referenced most, and what the page does not know.

const MOST_LISTED = 10;
const MOST_FOLDED = 500;

/** Return rows that lead to objects, each with a count; of many the first, and more behind a click. */
function linkRows(list, count, word) {
  const rows = list
    .slice(0, MOST_FOLDED)
    .map((each) =>
      make(
        "p",
        "row",
        {},
        each.severity && make("span", `dot ${each.severity}`),
        link(each.address, titleOf(each)),
        make("span", "soft", {}, counted(count(each), word)),
      ),
    );
  const more = list.length - rows.length;
  if (more > 0) rows.push(make("p", "soft", {}, `… and ${more.toLocaleString("en")} more: search finds them.`));
  return folded(rows, MOST_LISTED, list.length);
}

function driftSection() {
  const all = [...tables, ...enums, ...functions];
  const found = [...all.flatMap((each) => each.findings ?? []), ...(data.gone ?? []).map(([, each]) => each)];
  const drifted = all.filter((each) => each.severity);
  drifted.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const badges = SEVERITIES.map((word) => [word, found.filter((each) => each.severity === word).length])
    .filter(([, count]) => count)
    .map(([word, count]) => badge(`${count} ${word}`, word));
  return section(
    "Drift",
    found.length ? make("p", "badges", {}, badges) : make("p", "fine-text", {}, "✓ No drift found."),
    linkRows(drifted, (each) => each.findings.length, "finding"),
  );
}

function goneSection() {
  const rows = (data.gone ?? []).map(([name, each]) =>
    make("div", "", {}, make("code", "", {}, name), findingRow(each)),
  );
  return section("Not in the database", folded(rows, MOST_LISTED));
}

function unmatchedSection() {
  const rows = (data.unmatched ?? []).map(([name, at]) =>
    make("p", "row", {}, make("code", "", {}, name), placeLink(at)),
  );
  return section("Classes without an object", folded(rows, MOST_LISTED));
}

function keysSection() {
  const keys = { "/": "search", "↑ ↓ Enter": "choose", Esc: "back", "+ - 0": "zoom" };
  const shown = Object.entries(keys).map(([key, act]) =>
    make("span", "", {}, make("kbd", "", {}, key), ` ${act}`),
  );
  return section("Keys", make("p", "row soft", {}, shown));
}

function countsText() {
  const views = tables.length - tables.filter(isTable).length;
  const all = [
    counted(tables.length - views, "table"),
    views && counted(views, "view"),
    enums.length && counted(enums.length, "enum"),
    functions.length && counted(functions.length, "function"),
    counted(edges.length, "key"),
  ];
  return all.filter(Boolean).join(" · ");
}

function overviewPane() {
  const hubs = [...tables].sort((a, b) => b.incoming.length - a.incoming.length).slice(0, 8);
  const remarks = (data.not_shown ?? []).map((each) => make("p", "soft", {}, `${each.what}: ${each.why}`));
  return [
    make("h1", "", {}, data.title || "Database schema"),
    make("p", "soft narrow", {}, countsText()),
    make("p", "soft", {}, `Schemas: ${listed(data.schemas)}. Source: ${data.source}.`),
    driftSection(),
    goneSection(),
    unmatchedSection(),
    section(
      "Most referenced",
      linkRows(
        hubs.filter((each) => each.incoming.length),
        (each) => each.incoming.length,
        "key",
      ),
    ),
    section(
      "Enums",
      linkRows(enums, (each) => each.labels.length, "label"),
    ),
    section(
      "Functions",
      linkRows(functions, (each) => each.signatures.length, "signature"),
    ),
    historySection(),
    section("Not shown or not checked", remarks),
    keysSection(),
  ];
}
