// The data of the page, with what leads from one object to another.

const SEVERITIES = ["critical", "high", "medium", "low"];
const data = JSON.parse(byId("data").textContent);
const tables = data.tables ?? [];
const enums = data.enums ?? [];
const functions = data.functions ?? [];
const edges = [];
const objects = new Map(); // by address
const severalSchemas = data.schemas.length > 1;

/** Encode a part of an address as Python's quote does, dots too. */
function encoded(part) {
  return encodeURIComponent(part.toWellFormed?.() ?? part).replace(
    /[.!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function address(...parts) {
  return parts.map(encoded).join(".");
}

/** Return the parts of an address: schema, name and perhaps column or label. */
function parts(text) {
  try {
    return text.split(".").map(decodeURIComponent);
  } catch {
    return [];
  }
}

function titleOf(object) {
  return severalSchemas || !data.schemas.includes(object.schema)
    ? `${object.schema}.${object.name}`
    : object.name;
}

/** Return what an address leads to: an object and, if it names one, its column or label; null for nothing. */
function find(text) {
  if (text.endsWith("()")) return objects.has(text) ? { object: objects.get(text) } : null;
  const [schema, name, part, ...more] = parts(text);
  if (name === undefined || more.length) return null;
  const object = objects.get(address(schema, name));
  if (!object) return null;
  const known =
    part === undefined || (object.type === "table" ? object.byName.has(part) : object.labels?.includes(part));
  return { object, part: known ? part : undefined };
}

/** Return a type without the schema where only that one is on the page. */
function typeOf(column) {
  const only = severalSchemas ? "" : `${data.schemas[0]}.`;
  return only && column.type.startsWith(only) ? column.type.slice(only.length) : column.type;
}

function worst(findings) {
  return SEVERITIES.find((word) => findings.some((each) => each.severity === word)) ?? "";
}

/** Return the uses of an object as a whole and of its parts. */
function usesOf(object) {
  const own = [...(object.uses ?? []), ...(object.classes ?? []).flatMap((each) => each.uses ?? [])];
  if (object.type === "table") own.push(...(object.columns ?? []).flatMap((each) => each.uses ?? []));
  if (object.type === "enum") own.push(...object.labels.flatMap((label) => labelUses(object, label)));
  return own;
}

/** Return where code uses a label: the Enum's member, and queries that have it as a value. */
function labelUses(object, label) {
  const found = (object.members ?? []).filter(([value]) => value === label).map(([, use]) => use);
  for (const column of object.columns ?? []) {
    const at = find(column);
    if (!at?.part) continue;
    const uses = at.object.byName.get(at.part).uses ?? [];
    found.push(...uses.filter((use) => use.values?.includes(label)));
  }
  return found;
}

function prepare(list, type) {
  for (const object of list) {
    object.type = type;
    object.address = address(object.schema, object.name) + (type === "function" ? "()" : "");
    object.severity = worst(object.findings ?? []);
    if (!objects.has(object.address)) objects.set(object.address, object);
  }
}

prepare(tables, "table");
prepare(enums, "enum");
prepare(functions, "function");
for (const table of tables) {
  table.byName = new Map((table.columns ?? []).map((column) => [column.name, column]));
  table.rows = new Map((table.columns ?? []).map((column, row) => [column.name, row]));
  table.readers = [];
  table.incoming = [];
  table.outgoing = [];
  table.marks = new Map();
  for (const each of table.constraints ?? []) {
    const mark = { "primary key": "PK", "foreign key": "FK", unique: "UK" }[each.kind];
    for (const name of mark ? (each.columns ?? []) : []) {
      table.marks.set(name, [...(table.marks.get(name) ?? []), mark]);
    }
  }
}
for (const table of tables) {
  for (const target of table.reads ?? []) objects.get(target)?.readers?.push(table.address);
  for (const key of table.constraints ?? []) {
    const target = key.kind === "foreign key" && objects.get(key.target);
    if (!target || target.type !== "table") continue;
    const edge = { source: table, target, key };
    table.outgoing.push(edge);
    target.incoming.push(edge);
    edges.push(edge);
  }
}

const isTable = (object) => object.type === "table" && !object.kind.includes("view");
const hasNoPolicy = (table) => data.details && Boolean(table.security) && !table.policies?.length;
const isUnused = (table) => usesOf(table).length === 0;

/** Filters by name: what they are called, what they hold for, and whether the page can know it. */
const PROPERTIES = {
  "no policy": { test: hasNoPolicy, known: Boolean(data.details), tip: "Tables without any policy" },
  "RLS off": {
    test: (table) => table.security === "off",
    known: Boolean(data.details),
    tip: "Row level security is off: anyone with a grant reads all rows",
  },
  "no use in code": { test: isUnused, known: Boolean(data.queries), tip: "No query and no class use found" },
};
