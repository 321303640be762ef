// Filters: severities at the map, properties above the list. Both hold for the map and the list.

const filters = new Set();
const DRIFT = [...SEVERITIES, "in sync"];

/** Return whether a table has one of the chosen severities and all of the chosen properties. */
function passes(table) {
  if (!filters.size) return true;
  const chosen = DRIFT.filter((word) => filters.has(word));
  if (chosen.length && !chosen.includes(table.severity || "in sync")) return false;
  return Object.entries(PROPERTIES).every(
    ([name, { test }]) => !filters.has(name) || (isTable(table) && test(table)),
  );
}

function toggle(name) {
  if (filters.has(name)) filters.delete(name);
  else filters.add(name);
  focusOn(null);
  picture = null;
  showFilters();
  showResults();
  redraw();
}

function filterButton(name, count, tip) {
  const isOn = filters.has(name);
  return make(
    "button",
    `chip ${name.replaceAll(" ", "-")}`,
    { type: "button", "aria-pressed": String(isOn), title: tip, onclick: () => toggle(name) },
    DRIFT.includes(name) && make("span", `dot ${name.replaceAll(" ", "-")}`),
    name,
    make("span", "count", {}, count.toLocaleString("en")),
  );
}

const counts = new Map();

function startFilters() {
  for (const word of DRIFT)
    counts.set(word, tables.filter((table) => (table.severity || "in sync") === word).length);
  for (const [name, { test, known }] of Object.entries(PROPERTIES)) {
    counts.set(name, known ? tables.filter((table) => isTable(table) && test(table)).length : 0);
  }
  showFilters();
}

function showFilters() {
  const held = document.activeElement?.closest?.(".chip")?.className;
  replaceChildren(
    byId("legend"),
    DRIFT.filter((word) => counts.get(word)).map((word) =>
      filterButton(word, counts.get(word), `Show only tables: ${word}`),
    ),
  );
  replaceChildren(
    byId("filters"),
    Object.entries(PROPERTIES)
      .filter(([, each]) => each.known)
      .map(([name, { tip }]) => filterButton(name, counts.get(name), tip)),
  );
  if (held) [...document.querySelectorAll(".chip")].find((each) => each.className === held)?.focus();
}
