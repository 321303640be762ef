// Addresses, keys, themes and views.

/** Go to an address; the browser's back button leads back. */
function open(target) {
  if (location.hash.slice(1) === target) onAddress();
  else location.hash = target;
}

/** Return the table that the address names, if it does. */
function opened() {
  const at = find(location.hash.slice(1));
  return at?.object.type === "table" ? at.object : null;
}

function onAddress() {
  const target = location.hash.slice(1);
  const isHistory = target === HISTORY;
  const at = isHistory ? null : find(target);
  showPane(at, isHistory);
  if (at?.object.type === "table") {
    focusOn(at.object);
    replaceChildren(byId("hint"));
    if (canvas.clientWidth) fly(cameraAt(at.object));
  } else focusOn(null);
  if (at || isHistory) showView("pane");
}

/** Choose what a narrow screen shows; a wide one shows all. */
function showView(name) {
  document.body.dataset.view = name;
  for (const tab of document.querySelectorAll("[data-shows]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.shows === name));
  }
}

function isTyping(event) {
  return event.target instanceof HTMLInputElement;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (focused && !location.hash.slice(1)) focusOn(null);
    else if (location.hash.slice(1)) open("");
    return;
  }
  if (isTyping(event)) return;
  const act = {
    "/": () => {
      showView("side");
      byId("search").focus();
      byId("search").select();
    },
    "+": () => zoomBy(1.4),
    "=": () => zoomBy(1.4),
    "-": () => zoomBy(1 / 1.4),
    0: () => fitAll(),
  }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
}

// ---- light and dark

const dark = matchMedia("(prefers-color-scheme: dark)");

function storedTheme() {
  try {
    return localStorage.getItem("schema-sync-theme");
  } catch {
    return null; // storage is off: the system's theme holds
  }
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  picture = null;
  readColours();
  draw();
}

function systemTheme() {
  return dark.matches ? "dark" : "light";
}

function switchTheme() {
  const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("schema-sync-theme", name);
  } catch {
    // storage is off: the choice holds for this visit
  }
  setTheme(name);
}

// ---- start

function start() {
  document.documentElement.dataset.theme = storedTheme() ?? systemTheme();
  replaceChildren(byId("title"), data.title || "Schema");
  replaceChildren(byId("counts"), countsText());
  startFilters();
  startSearch();
  startMap();
  fly(firstCamera(), true);
  byId("theme").addEventListener("click", switchTheme);
  dark.addEventListener("change", () => storedTheme() ?? setTheme(systemTheme()));
  addEventListener("hashchange", onAddress);
  addEventListener("keydown", onKey);
  let before = "";
  let undo = null;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme;
    setTheme("light");
    undo = drawForPaper();
    for (const each of document.querySelectorAll(".pane details")) each.open = true;
  });
  addEventListener("afterprint", () => {
    undo();
    setTheme(before);
  });
  for (const tab of document.querySelectorAll("[data-shows]")) {
    tab.addEventListener("click", () => showView(tab.dataset.shows));
  }
  showView("map");
  onAddress();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

// For programs that steer the page: a canvas has no elements to look for.
globalThis.schemaMap = {
  camera,
  /** Return a table's box on the canvas, in pixels. */
  placeOf(name) {
    const { x, y, height } = tables.find((table) => table.name === name).box;
    const { scale } = camera;
    return {
      x: (x - camera.x) * scale,
      y: (y - camera.y) * scale,
      width: BOX * scale,
      height: height * scale,
    };
  },
};
start();
