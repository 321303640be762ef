// How the map is drawn: frames and colours from afar, names nearer, columns when there is room to read them.

const BOX = 240; // width, header, height of a row, and most rows: as layout.py has them
const HEAD = 34;
const ROW = 20;
const MOST_ROWS = 12;
const NAMES_FROM = 0.22; // scales
const COLUMNS_FROM = 0.5;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const colours = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of [
    "page",
    "card",
    "line",
    "ink",
    "soft",
    "frame",
    "part",
    "edge",
    "accent",
    "view",
    ...SEVERITIES,
  ]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
}

/** Draw text that ends with … where it is too long. */
function drawText(context, text, x, y, width) {
  let fits = text;
  const wide = context.measureText(text).width;
  if (wide > width) {
    fits = `${text.slice(0, Math.max(1, Math.floor((text.length * width) / wide) - 1))}…`;
  }
  context.fillText(fits, x, y, width);
}

function drawFrame(context, frame, scale) {
  const isSchema = frame.kind === "schema";
  context.fillStyle = isSchema ? colours.frame : colours.part;
  context.strokeStyle = colours.line;
  context.lineWidth = 1 / scale;
  context.beginPath();
  context.roundRect(frame.x, frame.y, frame.width, frame.height, 14);
  context.fill();
  context.stroke();
}

/** Draw a frame's label, not smaller than can be read: at its top, of a part from afar in its middle. */
function drawFrameLabel(context, frame, scale) {
  const isSchema = frame.kind === "schema";
  const text = shown(frame.label);
  const size = Math.max(24, (isSchema ? 15 : 12) / scale);
  context.font = `600 ${size}px ${FONT}`;
  context.textBaseline = "middle";
  context.fillStyle = isSchema ? colours.ink : colours.soft;
  if (!isSchema && scale >= NAMES_FROM) context.font = `600 ${Math.min(size, 52)}px ${FONT}`;
  if (size <= 52 || (!isSchema && scale >= NAMES_FROM))
    drawText(context, text, frame.x + 32, frame.y + 38, frame.width - 64);
  else if (isSchema) drawText(context, text, frame.x, frame.y - size * 0.7, Math.max(frame.width, size * 8));
  else drawPill(context, text, frame, size);
}

function drawPill(context, text, frame, size) {
  const most = frame.width - size;
  const width = Math.min(context.measureText(text).width, most);
  if (width < context.measureText(text).width * 0.85 || frame.height < size * 2) return;
  const [x, y] = [frame.x + (frame.width - width) / 2, frame.y + frame.height / 2];
  context.globalAlpha = 0.88;
  context.fillStyle = colours.card;
  context.beginPath();
  context.roundRect(x - size * 0.5, y - size * 0.8, width + size, size * 1.6, size * 0.5);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = colours.ink;
  drawText(context, text, x, y, width);
}

/** Return the ends of a foreign key's line, and which way it leaves each. */
function ends(edge, detailed) {
  const { source, target } = edge;
  const [from, to] = [source.box, target.box];
  const y = (table, names) => {
    const row = table.rows.get(names?.[0]) ?? 0;
    return table.box.y + (detailed ? HEAD + ROW * (Math.min(row, MOST_ROWS) + 0.5) : HEAD / 2);
  };
  const [y1, y2] = [y(source, edge.key.columns), y(target, edge.key.target_columns)];
  if (to.x + BOX <= from.x) return [from.x, y1, -1, to.x + BOX, y2, 1];
  if (from.x + BOX <= to.x) return [from.x + BOX, y1, 1, to.x, y2, -1];
  return [from.x + BOX, y1, 1, to.x + BOX, y2, 1];
}

function traceEdge(context, edge, detailed) {
  const [x1, y1, out, x2, y2, into] = ends(edge, detailed);
  const bend = Math.max(36, Math.min(160, Math.abs(x2 - x1) / 2));
  context.moveTo(x1, y1);
  context.bezierCurveTo(x1 + out * bend, y1, x2 + into * bend, y2, x2, y2);
  if (!detailed) return;
  context.moveTo(x1, y1 - 5); // a crow's foot at the many
  context.lineTo(x1 + out * 9, y1);
  context.lineTo(x1, y1 + 5);
}

function drawEdges(context, list, view, style) {
  context.strokeStyle = style.colour;
  context.lineWidth = style.width;
  context.globalAlpha = style.alpha;
  context.beginPath();
  for (const edge of list) {
    const [a, b] = [edge.source.box, edge.target.box];
    if (Math.max(a.x, b.x) + BOX < view.x || Math.min(a.x, b.x) > view.x + view.width) continue;
    if (Math.max(a.y + a.height, b.y + b.height) < view.y || Math.min(a.y, b.y) > view.y + view.height)
      continue;
    traceEdge(context, edge, style.detailed);
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawBox(context, table, scale, state) {
  const { x, y, height } = table.box;
  const tone = table.severity ? colours[table.severity] : isTable(table) ? colours.accent : colours.view;
  context.globalAlpha = state.faded ? 0.13 : 1;
  context.fillStyle = colours.card;
  context.strokeStyle = state.focused ? colours.accent : table.severity ? tone : colours.line;
  context.lineWidth = state.focused ? Math.max(3, 2.5 / scale) : Math.max(1, 1 / scale);
  context.beginPath();
  if (scale < 0.08) context.rect(x, y, BOX, height);
  else context.roundRect(x, y, BOX, height, 8);
  context.fill();
  if (scale < COLUMNS_FROM || table.severity) {
    const before = context.globalAlpha;
    context.globalAlpha =
      before * (scale < NAMES_FROM ? (table.severity ? 0.6 : 0.3) : table.severity ? 0.16 : 0.08);
    context.fillStyle = tone;
    context.fill();
    context.globalAlpha = before;
  }
  if (scale >= 0.08 || table.severity || state.focused) context.stroke();
  if (scale >= COLUMNS_FROM) drawColumns(context, table, tone);
  else if (scale >= NAMES_FROM) drawName(context, table);
  context.globalAlpha = 1;
}

/** Return a name in lines that are broken behind its underscores, none longer than it must be. */
function lines(name, most) {
  const words = name.match(/[^_\s-]+[_\s-]*|[_\s-]+/g) ?? [name];
  const found = [""];
  for (const word of words) {
    if (found.at(-1) && (found.at(-1) + word).length > most) found.push("");
    found[found.length - 1] += word;
  }
  return found.slice(0, 3);
}

/** Draw a table's name as large as its box admits, in up to three lines. */
function drawName(context, table) {
  const { x, y, height } = table.box;
  const texts = lines(shown(table.name), 13);
  context.font = `600 30px ${FONT}`;
  const widest = Math.max(...texts.map((text) => context.measureText(text).width));
  const size = Math.max(16, Math.min(36, (30 * (BOX - 22)) / widest, (height - 12) / texts.length / 1.15));
  context.font = `600 ${size}px ${FONT}`;
  context.fillStyle = colours.ink;
  context.textBaseline = "middle";
  context.textAlign = "center";
  texts.forEach((text, line) => {
    drawText(
      context,
      text,
      x + BOX / 2,
      y + height / 2 + (line - (texts.length - 1) / 2) * size * 1.15,
      BOX - 16,
    );
  });
  context.textAlign = "left";
}

function drawColumns(context, table, tone) {
  const { x, y, height } = table.box;
  const columns = table.columns ?? [];
  context.fillStyle = tone;
  context.beginPath();
  context.roundRect(x, y, 5, height, [8, 0, 0, 8]);
  context.fill();
  context.textBaseline = "middle";
  context.font = `600 14px ${FONT}`;
  context.fillStyle = colours.ink;
  drawText(context, shown(table.name), x + 16, y + HEAD / 2, BOX - 28);
  context.fillStyle = colours.line;
  context.fillRect(x + 5, y + HEAD - 2, BOX - 5, 1);
  columns
    .slice(0, MOST_ROWS)
    .forEach((column, row) => drawColumn(context, table, column, x, y + HEAD + ROW * (row + 0.5)));
  if (columns.length > MOST_ROWS) {
    context.font = `12px ${FONT}`;
    context.fillStyle = colours.soft;
    context.fillText(`${columns.length - MOST_ROWS} more`, x + 16, y + HEAD + ROW * (MOST_ROWS + 0.5));
  }
}

function drawColumn(context, table, column, x, y) {
  const mark = table.marks.get(column.name)?.[0] ?? "";
  const found = table.findings?.find((each) => each.part === column.name);
  context.font = `600 9px ${FONT}`;
  context.fillStyle = mark ? colours.accent : colours.soft;
  context.fillText(mark, x + 14, y);
  context.font = `12.5px ${FONT}`;
  context.fillStyle = found ? colours[found.severity] : colours.ink;
  drawText(context, shown(column.name), x + 34, y, 112);
  context.fillStyle = colours.soft;
  context.textAlign = "right";
  context.font = `11.5px ${FONT}`;
  drawText(context, shown(typeOf(column)) + (column.null ? "?" : ""), x + BOX - 12, y, 82);
  context.textAlign = "left";
}
