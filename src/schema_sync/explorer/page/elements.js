// Elements are made here alone, and text reaches the page as text only.

const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const JOINERS = new Set(["\u200d", "\ufe0f"]);

/** Return text in which all that is invisible or turns the direction is an escape. */
function shown(text) {
  return String(text).replace(INVISIBLE, (char) =>
    JOINERS.has(char) || char === "\n" ? char : `\\u{${char.codePointAt(0).toString(16)}}`,
  );
}

/** Return an element with a class, attributes and children: elements, texts, or nothing (null, false). */
function make(tag, names = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (names) element.className = names;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : shown(value));
  }
  put(element, ...children);
  return element;
}

/** Return an element of a drawing (SVG) with attributes and children. */
function drawn(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Append elements and texts. */
function put(parent, ...children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : document.createTextNode(shown(child)));
  }
}

function replaceChildren(parent, ...children) {
  parent.replaceChildren();
  put(parent, ...children);
}

const byId = (id) => document.getElementById(id);

function counted(count, word) {
  return `${count.toLocaleString("en")} ${count === 1 ? word : `${word}s`}`;
}

function listed(names) {
  return names.join(", ");
}
