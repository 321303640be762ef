// Where the map is looked at from: the world's point at the canvas's corner, and the scale.

const camera = { x: 0, y: 0, scale: 1 };
const LARGEST = 2;
let smallest = 0.01;
let moving = 0;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const toWorld = (x, y) => ({ x: camera.x + x / camera.scale, y: camera.y + y / camera.scale });

function zoomAt(x, y, factor) {
  cancelAnimationFrame(moving);
  const before = toWorld(x, y);
  camera.scale = Math.max(smallest, Math.min(LARGEST, camera.scale * factor));
  camera.x = before.x - x / camera.scale;
  camera.y = before.y - y / camera.scale;
  redraw();
}

function pan(x, y) {
  cancelAnimationFrame(moving);
  camera.x -= x / camera.scale;
  camera.y -= y / camera.scale;
  redraw();
}

/** Return the camera that shows a rectangle of the world in the middle, at most at a scale. */
function cameraFor(rect, size, most = 1) {
  const scale = Math.min(most, LARGEST, (size.width - 40) / rect.width, (size.height - 40) / rect.height);
  return {
    scale,
    x: rect.x + rect.width / 2 - size.width / scale / 2,
    y: rect.y + rect.height / 2 - size.height / scale / 2,
  };
}

/** Move the camera, in a third of a second unless the reader wants no motion. */
function fly(to, at_once = false) {
  cancelAnimationFrame(moving);
  if (at_once || calm.matches) {
    Object.assign(camera, to);
    redraw();
    return;
  }
  const from = { ...camera };
  const start = performance.now();
  const step = (now) => {
    const part = Math.min(1, (now - start) / 320);
    const eased = 1 - (1 - part) ** 3;
    camera.scale = from.scale * (to.scale / from.scale) ** eased;
    camera.x = from.x + (to.x - from.x) * eased;
    camera.y = from.y + (to.y - from.y) * eased;
    redraw();
    if (part < 1) moving = requestAnimationFrame(step);
  };
  moving = requestAnimationFrame(step);
}

/** Return the rectangle around boxes. */
function around(boxes) {
  if (!boxes.length) return { x: 0, y: 0, width: 600, height: 400 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + (box.width ?? BOX));
    bottom = Math.max(bottom, box.y + box.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
