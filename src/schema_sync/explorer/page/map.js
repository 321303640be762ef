// The map: what is on it, what is in focus, and how pointers and keys move it.

const canvas = byId("map");
const minimap = byId("minimap");
const world = around(data.frames?.length ? data.frames : tables.map((table) => table.box));
const painter = canvas.getContext("2d");
let focused = null; // a table
let drawnSoon = 0;
let picture = null; // of the whole map, for the minimap

const NARROW = 600; // pixels: a map that is not wider starts where names can be read, at its beginning
const NAMES_AT = 0.32;
const GROUPS_AT = 0.1; // where there are more tables than
const MOST_NAMED = 150;

let paper = null; // the size of the map on paper while the page is printed

function size() {
  return paper ?? { width: canvas.clientWidth, height: canvas.clientHeight };
}

/** Draw what is in focus, or all, for paper; return what undoes it. */
function drawForPaper() {
  const table = opened();
  const rect = table ? neighbourhood(table) : world;
  const before = { ...camera };
  paper = { width: 1100, height: Math.min(800, Math.max(200, (1060 * rect.height) / rect.width + 40)) };
  fly(cameraFor(rect, paper), true);
  draw();
  return () => {
    paper = null;
    fly(before, true);
  };
}

/** Return the camera that shows a rectangle below the legend. */
function cameraBelow(rect, most) {
  const { width, height } = size();
  const top = covered();
  const to = cameraFor(rect, { width, height: Math.max(100, height - top) }, most);
  return { ...to, y: to.y - top / to.scale };
}

/** Return how many pixels at the top the legend covers. */
function covered() {
  const legend = byId("legend");
  return legend.offsetTop + legend.offsetHeight + 8;
}

/** Return the camera to start from: all of the map, or its beginning where names would be too small to read. */
function firstCamera() {
  const all = cameraBelow(world, 1);
  const scale = tables.length > MOST_NAMED ? GROUPS_AT : NAMES_AT;
  if (size().width > NARROW || all.scale >= scale * 0.8) return all;
  return { scale, x: world.x - 12 / scale, y: world.y - (covered() + (scale < NAMES_FROM ? 20 : 0)) / scale };
}

function redraw() {
  if (drawnSoon) return;
  drawnSoon = requestAnimationFrame(() => {
    drawnSoon = 0;
    draw();
  });
}

function near(table) {
  return new Set([
    table,
    ...table.outgoing.map((edge) => edge.target),
    ...table.incoming.map((edge) => edge.source),
  ]);
}

function draw() {
  const { width, height } = size();
  if (!width || !height) return;
  const ratio = paper ? 2 : devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const { scale } = camera;
  const view = { x: camera.x, y: camera.y, width: width / scale, height: height / scale };
  painter.setTransform(1, 0, 0, 1, 0, 0);
  painter.clearRect(0, 0, canvas.width, canvas.height);
  painter.setTransform(
    scale * ratio,
    0,
    0,
    scale * ratio,
    -camera.x * scale * ratio,
    -camera.y * scale * ratio,
  );
  const frames = (data.frames ?? []).filter((each) => isSeen(each, each.width, view));
  frames.forEach((each) => drawFrame(painter, each, scale));
  drawTables(view, scale);
  if (!focused || scale >= NAMES_FROM) frames.forEach((each) => drawFrameLabel(painter, each, scale));
  drawMinimap(view);
}

function isSeen(box, width, view) {
  return (
    box.x + width > view.x &&
    box.x < view.x + view.width &&
    box.y + box.height > view.y &&
    box.y < view.y + view.height
  );
}

function drawTables(view, scale) {
  const detailed = scale >= COLUMNS_FROM;
  const lit = focused ? near(focused) : null;
  const line = Math.max(1.2, 1 / scale);
  const quiet = lit ? 0.06 : scale < NAMES_FROM ? 0.25 : 0.55;
  drawEdges(painter, edges, view, { colour: colours.edge, width: line, alpha: quiet, detailed });
  const later = [];
  for (const table of tables) {
    if (!isSeen(table.box, BOX, view)) continue;
    const isLit = lit ? lit.has(table) : passes(table);
    if (isLit && lit) later.push(table);
    else drawBox(painter, table, scale, { faded: !isLit, focused: false });
  }
  if (!lit) return;
  drawEdges(painter, [...focused.outgoing, ...focused.incoming], view, {
    colour: colours.accent,
    width: line * 1.8,
    alpha: 0.9,
    detailed,
  });
  for (const table of later) drawBox(painter, table, scale, { faded: false, focused: table === focused });
}

/** Return the scale of the small map, and where the world's corner is on it. */
function minimapPlace() {
  const [width, height] = [minimap.clientWidth - 8, minimap.clientHeight - 8];
  const scale = Math.min(width / world.width, height / world.height);
  return { scale, x: 4 + (width - world.width * scale) / 2, y: 4 + (height - world.height * scale) / 2 };
}

/** Draw the small map; the picture of all tables is made once for each theme and filter. */
function drawMinimap(view) {
  const isAll =
    view.x <= world.x &&
    view.y <= world.y &&
    view.x + view.width >= world.x + world.width &&
    view.y + view.height >= world.y + world.height;
  minimap.classList.toggle("needless", isAll);
  const [width, height] = [minimap.clientWidth, minimap.clientHeight];
  if (!width || isAll) return;
  const ratio = devicePixelRatio || 1;
  const { scale, x, y } = minimapPlace();
  if (!picture) picture = pictureOf(width * ratio, height * ratio, ratio);
  minimap.width = picture.width;
  minimap.height = picture.height;
  const context = minimap.getContext("2d");
  context.drawImage(picture, 0, 0);
  context.scale(ratio, ratio);
  const clamp = (value, most) => Math.max(1, Math.min(most - 1, value));
  const [left, right] = [view.x, view.x + view.width].map((at) => clamp((at - world.x) * scale + x, width));
  const [top, bottom] = [view.y, view.y + view.height].map((at) => clamp((at - world.y) * scale + y, height));
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.strokeRect(left, top, right - left, bottom - top);
}

function pictureOf(width, height, ratio) {
  const made = new OffscreenCanvas(Math.max(1, width), Math.max(1, height));
  const context = made.getContext("2d");
  const { scale, x, y } = minimapPlace();
  context.scale(ratio, ratio);
  context.translate(x, y);
  context.scale(scale, scale);
  for (const table of tables) {
    context.fillStyle = table.severity ? colours[table.severity] : colours.soft;
    context.globalAlpha = passes(table) ? 0.8 : 0.15;
    context.fillRect(table.box.x - world.x, table.box.y - world.y, BOX, table.box.height);
  }
  return made;
}

function fitAll(at_once = false) {
  fly(cameraBelow(world, 1), at_once);
}

/** Return the rectangle around a table and its neighbours, the table alone where they are far apart. */
function neighbourhood(table) {
  const rect = around([...near(table)].map((each) => each.box));
  return cameraBelow(rect, 1).scale >= NAMES_FROM
    ? rect
    : { x: table.box.x - 500, y: table.box.y - 300, width: BOX + 1000, height: table.box.height + 600 };
}

/** Return the camera that shows a table and its neighbours. */
function cameraAt(table) {
  return cameraBelow(neighbourhood(table), 0.9);
}

/** Put a table into focus: it and its neighbours stay, the rest fades. */
function focusOn(table) {
  focused = table;
  replaceChildren(
    byId("hint"),
    table ? `${titleOf(table)}: ${counted(near(table).size - 1, "neighbour")}. Click again to open it.` : "",
  );
  redraw();
}

function showOnMap(table) {
  showView("map");
  focusOn(table);
  fly(cameraAt(table));
}

function tableAt(event) {
  const box = canvas.getBoundingClientRect();
  const { x, y } = toWorld(event.clientX - box.left, event.clientY - box.top);
  const slack = 4 / camera.scale;
  return tables.find(
    ({ box: b }) => x > b.x - slack && x < b.x + BOX + slack && y > b.y - slack && y < b.y + b.height + slack,
  );
}

/** Focus the clicked table, from afar near by; a second click opens it, wherever the first one has moved it. */
function onClick(event) {
  const table = event.detail === 2 && focused ? focused : tableAt(event);
  if (table && focused === table) return open(table.address);
  focusOn(table ?? null);
  if (table && camera.scale < NAMES_FROM) fly(cameraAt(table));
}

const pointers = new Map();
let travelled = 0;

function onPointerMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) {
    const table = tableAt(event);
    canvas.style.cursor = table ? "pointer" : "grab";
    if (!focused) replaceChildren(byId("hint"), table && camera.scale < COLUMNS_FROM ? titleOf(table) : "");
    return;
  }
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  const now = { x: event.clientX, y: event.clientY };
  travelled += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
  pointers.set(event.pointerId, now);
  if (others.length) {
    const [other] = others;
    const box = canvas.getBoundingClientRect();
    const apart = (a) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
    zoomAt((now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top, apart(now) / apart(before));
  } else pan(now.x - before.x, now.y - before.y);
}

function onWheel(event) {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  const lines = event.deltaMode === 1 ? 20 : 1;
  zoomAt(event.clientX - box.left, event.clientY - box.top, Math.exp(-event.deltaY * lines * 0.0015));
}

function onMapKey(event) {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (step) {
    event.preventDefault();
    pan(...step);
  } else if (event.key === "Enter" && focused) open(focused.address);
}

function zoomBy(factor) {
  const { width, height } = size();
  zoomAt(width / 2, height / 2, factor);
}

function onMinimap(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  const { scale, x, y } = minimapPlace();
  const { width, height } = size();
  camera.x = world.x + (event.offsetX - x) / scale - width / camera.scale / 2;
  camera.y = world.y + (event.offsetY - y) / scale - height / camera.scale / 2;
  redraw();
}

function startMap() {
  readColours();
  smallest = Math.min(0.05, cameraFor(world, { width: 320, height: 240 }).scale / 2);
  canvas.addEventListener("pointerdown", (event) => {
    if (!pointers.size) travelled = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", onPointerMove);
  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("click", (event) => travelled < 6 && onClick(event));
  canvas.addEventListener("wheel", onWheel, { passive: false });
  canvas.addEventListener("keydown", onMapKey);
  for (const type of ["pointerdown", "pointermove"]) minimap.addEventListener(type, onMinimap);
  byId("closer").addEventListener("click", () => zoomBy(1.4));
  byId("farther").addEventListener("click", () => zoomBy(1 / 1.4));
  byId("fit").addEventListener("click", () => fitAll());
  let shownBefore = false;
  new ResizeObserver(() => {
    if (!shownBefore && canvas.clientWidth) fly(opened() ? cameraAt(opened()) : firstCamera(), true);
    shownBefore ||= canvas.clientWidth > 0;
    picture = null;
    draw();
  }).observe(canvas);
}
