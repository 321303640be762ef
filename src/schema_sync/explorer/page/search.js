// Search over all names and comments, and the list of what was found.

const MOST_RESULTS = 80;
const WEIGHT = {
  table: 40,
  view: 38,
  enum: 34,
  function: 26,
  class: 24,
  column: 20,
  label: 16,
  policy: 14,
  comment: 0,
};
const entries = [];
let results = [];
let chosen = -1;

function entry(kind, text, where, target, object) {
  entries.push({
    kind,
    text,
    where,
    target,
    object,
    low: text.toLowerCase(),
    whole: `${where}.${text}`.toLowerCase(),
  });
}

function commentEntry(object, comment, target) {
  if (comment) entry("comment", comment, titleOf(object), target, object);
}

function buildEntries() {
  for (const table of tables) {
    entry(isTable(table) ? "table" : "view", table.name, table.schema, table.address, table);
    commentEntry(table, table.comment, table.address);
    for (const column of table.columns ?? []) {
      const target = `${table.address}.${encoded(column.name)}`;
      entry("column", column.name, titleOf(table), target, table);
      commentEntry(table, column.comment, target);
    }
    for (const policy of table.policies ?? [])
      entry("policy", policy.name, titleOf(table), table.address, table);
    classEntries(table);
  }
  for (const each of enums) {
    entry("enum", each.name, each.schema, each.address, each);
    for (const label of each.labels)
      entry("label", label, titleOf(each), `${each.address}.${encoded(label)}`, each);
    commentEntry(each, each.comment, each.address);
    classEntries(each);
  }
  for (const [name, at] of data.unmatched ?? []) {
    entry("class", name, at.path, "", { type: "class", severity: "" });
  }
  for (const each of functions) {
    entry("function", each.name, each.schema, each.address, each);
    for (const signature of each.signatures) commentEntry(each, signature.comment, each.address);
    classEntries(each);
  }
}

function classEntries(object) {
  for (const each of object.classes ?? []) entry("class", each.name, titleOf(object), object.address, object);
}

/** Return how well a word fits, from 0 (not at all). */
function fit(found, word) {
  const { low, whole } = found;
  if (low === word || whole === word) return 1000;
  const at = low.indexOf(word);
  if (at === 0) return 800 - low.length;
  if (at > 0) return (/[a-z0-9]/.test(low[at - 1]) ? 400 : 600) - low.length;
  if (whole.endsWith(word)) return 900 - whole.length;
  if (whole.includes(word)) return 300 - whole.length;
  if (found.kind === "comment") return 0;
  return scattered(low, word) || (found.kind === "column" ? scattered(whole, word) / 2 : 0);
}

function hasLetters(text, word) {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/**
 * Return how well the letters of a word, in their order, fit: beginnings of words and runs count more.
 * Of all ways to find them the best counts; costs[i] is that of the letters so far, the last one at i.
 */
function scattered(text, word) {
  if (!hasLetters(text, word)) return 0;
  let costs = null;
  for (const letter of word) {
    const found = new Array(text.length).fill(Infinity);
    let least = costs ? Infinity : 0; // of the letters before, anywhere further left
    for (let i = 0; i < text.length; i++) {
      if (costs && i > 1) least = Math.min(least, costs[i - 2]);
      if (text[i] !== letter) continue;
      const jump = i > 0 && /[a-z0-9]/.test(text[i - 1]) ? 12 : 3;
      const run = costs ? (i > 0 ? costs[i - 1] : Infinity) : i > 0 ? Infinity : 0;
      found[i] = Math.min(run, least + jump);
    }
    costs = found;
  }
  return Math.max(0, 100 - Math.min(...costs) - text.length / 20);
}

function searched(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) {
    return tables.filter(passes).map((table) => ({
      kind: isTable(table) ? "table" : "view",
      text: table.name,
      where: table.schema,
      target: table.address,
      object: table,
    }));
  }
  const found = [];
  for (const each of entries) {
    if (each.object.type === "table" && !passes(each.object)) continue;
    let score = WEIGHT[each.kind];
    for (const word of words) {
      const fits = fit(each, word);
      if (!fits) {
        score = 0;
        break;
      }
      score += fits;
    }
    if (score > 0) found.push([score, each]);
  }
  return found.sort((a, b) => b[0] - a[0]).map(([, each]) => each);
}

function showResults() {
  const query = byId("search").value.trim();
  const all = searched(query);
  results = all.slice(0, MOST_RESULTS);
  chosen = query && results.length ? 0 : -1;
  const more = all.length > results.length ? `, the first ${results.length} shown` : "";
  const views = all.filter((each) => each.kind === "view").length;
  const kinds = [counted(all.length - views, "table"), views && counted(views, "view")];
  const what = query ? counted(all.length, "result") : kinds.filter(Boolean).join(", ");
  replaceChildren(byId("found"), all.length ? `${what}${more}` : "Nothing found");
  replaceChildren(byId("results"), results.map(resultRow));
  markChosen();
}

function resultRow(found, number) {
  const { object } = found;
  return make(
    "li",
    `result ${object.severity}`,
    { role: "option", id: `result-${number}`, onclick: () => open(found.target) },
    make("span", `kind kind-${found.kind}`, {}, found.kind),
    make("span", "what", {}, found.text.slice(0, 200)),
    found.kind === "table" || found.kind === "view" || found.kind === "enum" || found.kind === "function"
      ? severalSchemas && make("span", "where", {}, found.where)
      : make("span", "where", {}, found.where),
    object.severity && make("span", `dot ${object.severity}`, { title: `${object.severity} drift` }),
  );
}

function markChosen() {
  const list = byId("results");
  for (const row of list.children) row.removeAttribute("aria-selected");
  const row = list.children[chosen];
  row?.setAttribute("aria-selected", "true");
  row?.scrollIntoView({ block: "nearest" });
  if (row) byId("search").setAttribute("aria-activedescendant", row.id);
  else byId("search").removeAttribute("aria-activedescendant");
}

function onSearchKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    chosen = Math.max(0, Math.min(results.length - 1, chosen + step));
    markChosen();
  } else if (event.key === "Enter" && results[Math.max(0, chosen)]) {
    open(results[Math.max(0, chosen)].target);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    if (byId("search").value) {
      byId("search").value = "";
      showResults();
    } else byId("search").blur();
  }
}

let waiting = 0; // for the results of what was typed last

function startSearch() {
  buildEntries();
  byId("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(showTyped, entries.length > 20000 ? 120 : 0);
  });
  byId("search").addEventListener("keydown", (event) => {
    if (waiting && event.key.length > 1) showTyped();
    onSearchKey(event);
  });
  showResults();
}

function showTyped() {
  clearTimeout(waiting);
  waiting = 0;
  showResults();
}
