// How the schema grew: the commits of the lock, as lines over time and as a list.

const HISTORY = "history"; // its address: those of objects have a dot
const history = data.history ?? {};
const commits = history.commits ?? []; // the newest first
const FIGURES = ["table", "view", "column", "enum"];
const MOST_SHOWN = 10;
const SIGNS = { added: "+", removed: "−", changed: "~" };
const changesOf = new Map(); // by the object, of those that are on the page

for (const commit of commits) {
  for (const change of commit.changes ?? []) {
    if (!change.address) continue;
    const object = objects.get(address(...parts(change.address).slice(0, 2)));
    if (!object) continue;
    if (!changesOf.has(object)) changesOf.set(object, []);
    changesOf.get(object).push({ commit, change });
  }
}

/** Return a figure's values, the oldest first, each with its place in time from 0 to 95; null is not known. */
function course(figure) {
  const times = commits.map((each) => Date.parse(each.date)).reverse();
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const byTime = last > first && times.every((time, i) => !i || time >= times[i - 1]);
  return commits
    .map((each) => each.figures[figure])
    .reverse()
    .map((value, i) => ({
      value,
      x: byTime ? ((times[i] - first) / (last - first)) * 95 : (i / Math.max(1, commits.length - 1)) * 95,
    }));
}

/** Return a figure as a line in steps, broken where a value is not known; null where it is always 0. */
function chart(figure, label) {
  const all = course(figure);
  const known = all.filter((each) => typeof each.value === "number");
  if (!known.some((each) => each.value)) return null;
  const values = known.map((each) => each.value);
  const [low, top] = [Math.min(...values), Math.max(...values)];
  const y = (value) => (top === low ? 16 : 29 - ((value - low) / (top - low)) * 26);
  let line = "";
  let before = null;
  for (const { x, value } of all) {
    if (typeof value !== "number") before = null;
    else {
      line += before === null ? `M${x} ${y(value)}` : `H${x}V${y(value)}`;
      before = value;
    }
  }
  if (before !== null) line += "H100";
  const [first, last] = [values[0], values.at(-1)];
  const [from, to] = [first, last].map((value) => value.toLocaleString("en"));
  const ends = from === to ? to : `${from} → ${to}`;
  return make(
    "div",
    "chart",
    {},
    make("p", "", {}, make("span", "soft", {}, `${label}s`), " ", make("strong", "", {}, ends)),
    drawn(
      "svg",
      { viewBox: "0 0 100 32", preserveAspectRatio: "none", role: "img", "aria-label": `${label}s: ${ends}` },
      drawn("path", { d: line }),
    ),
  );
}

function charts() {
  const found = FIGURES.map((label, figure) => chart(figure, label)).filter(Boolean);
  const [oldest, newest] = [commits.at(-1).date, commits[0].date];
  return [
    make("div", "charts", {}, found),
    make("p", "soft span", {}, make("span", "", {}, oldest), oldest !== newest && make("span", "", {}, newest)),
  ];
}

function sign(how) {
  return make("span", `sign ${how}`, { "aria-label": how, title: how }, SIGNS[how]);
}

function changeRow(change) {
  const at = change.address ? find(change.address) : null;
  return make(
    "li",
    "change",
    {},
    sign(change.how),
    change.kind && make("span", "soft", {}, change.kind),
    change.object && (at ? link(change.address, change.object) : make("span", "name", {}, change.object)),
    make("span", "what", {}, change.text),
  );
}

function growth(commit, before) {
  if (!before) return null;
  return FIGURES.map((label, figure) => {
    const [now, then] = [commit.figures[figure], before.figures[figure]];
    const more = now - then;
    if (typeof now !== "number" || typeof then !== "number" || !more) return null;
    return badge(`${more > 0 ? "+" : "−"}${counted(Math.abs(more), label)}`, more > 0 ? "fine" : "critical");
  });
}

function commitRow(commit, number) {
  const rows = (commit.changes ?? []).map(changeRow);
  return make(
    "section",
    "commit",
    {},
    make(
      "p",
      "line",
      {},
      make("strong", "", {}, commit.date),
      make("span", "", {}, commit.author),
      make("code", "soft", {}, commit.commit),
      growth(commit, commits[number + 1]),
    ),
    commit.subject && make("p", "subject", {}, commit.subject),
    commit.note && make("p", "soft", {}, commit.note),
    rows.length > 0 && make("ul", "changes", {}, folded(rows, MOST_SHOWN)),
    commit.more &&
      make("p", "soft", {}, `… and ${commit.more} more: schema-sync history --format json has all.`),
  );
}

function historyPane() {
  const head = [
    make("p", "crumbs", {}, make("a", "", { href: "#" }, "Overview"), " /"),
    make("h1", "", {}, "History"),
  ];
  if (!commits.length) return [head, make("p", "soft", {}, `Not known: ${history.why_not}.`)];
  return [
    head,
    make("p", "soft", {}, `The schema at each commit of ${history.lock}.`),
    charts(),
    commits.map(commitRow),
    history.older && make("p", "soft", {}, "Older commits: schema-sync history --limit shows them."),
    (history.not_known ?? []).map((each) => make("p", "soft", {}, `Not known: ${each.what}: ${each.why}`)),
  ];
}

/** Return what the overview shows of it. */
function historySection() {
  if (!commits.length) return section("History", make("p", "soft", {}, `Not known: ${history.why_not}.`));
  const all = make("a", "link", { href: `#${HISTORY}` }, counted(commits.length, "commit"));
  const last = make("span", "soft", {}, `the last by ${commits[0].author}`);
  return section("History", charts(), make("p", "row", {}, all, last));
}

/** Return what changed an object. */
function changesSection(object) {
  const rows = (changesOf.get(object) ?? []).map(({ commit, change }) =>
    make(
      "li",
      "change",
      {},
      sign(change.how),
      make("span", "what", {}, change.text),
      make("span", "soft", {}, `${commit.date} ${commit.author}`),
      make("code", "soft", {}, commit.commit),
    ),
  );
  if (!rows.length) return null;
  return section("History", make("ul", "changes", {}, folded(rows, MOST_SHOWN)));
}
