// The map of features: dragged, zoomed and walked by keys; what is in view stands in the list beside it.
const LISTED = 60, DEEPEST = 24, STEP = 1.5, WALK = 0.15, LETTER = 7, LINE = 17;  // the last two in CSS pixels
const MARGIN = 0.03;  // of a side, around the outermost dots
const SVG = 'http://www.w3.org/2000/svg';
let part = null, dots = [], side = 1, at = null, held = new Map(), moved = false;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const svg = () => part.querySelector('.ground');
const span = () => side * (1 + 2 * MARGIN) / at.zoom;
const unit = () => span() / (svg().clientWidth || 1);  // of the map, that a pixel is wide
const address = ([, , feature]) => `feature?${new URLSearchParams({ site: part.dataset.place, feature })}`;
const inside = ([x, y]) => Math.abs(x - at.x) <= span() / 2 && Math.abs(y - at.y) <= span() / 2;

// Names that would lie on others wait for a closer look; those that tell their topic best come first.
const names = () => {
  const group = svg().querySelector('.names'), own = unit(), taken = [], told = new Set();
  group.replaceChildren();
  for (const dot of dots) {
    const [x, y, , , , topic] = dot;
    if (!topic || told.has(topic) || !inside(dot)) continue;
    const width = (topic.length * LETTER + 6) * own, height = LINE * own, top = y - 6 * own;
    const box = [x - width / 2, top - height, x + width / 2, top];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    told.add(topic);
    const text = document.createElementNS(SVG, 'text');
    text.setAttribute('x', x);
    text.setAttribute('y', y - 9 * own);
    text.setAttribute('font-size', 12.5 * own);
    text.textContent = topic;
    group.append(text);
  }
};
const way = (dot) => {
  const link = document.createElement('a');
  link.href = address(dot);
  link.textContent = dot[3];
  return link;
};
const list = () => {
  const seen = dots.filter(inside), rows = part.querySelector('.seen');
  part.querySelector('h3 .num').textContent = `${Math.min(seen.length, LISTED)} / ${seen.length}`;
  rows.replaceChildren(...seen.slice(0, LISTED).map((dot) => {
    const row = document.createElement('li'), link = way(dot);
    row.className = 'pick';
    link.className = 'open name';
    link.addEventListener('focus', () => mark(dot));
    row.append(link);
    return row;
  }));
};
const show = () => {
  const half = side * (0.5 + MARGIN), reach = half - span() / 2;
  at.x = clamp(at.x, side / 2 - reach, side / 2 + reach);
  at.y = clamp(at.y, side / 2 - reach, side / 2 + reach);
  svg().setAttribute('viewBox', `${at.x - span() / 2} ${at.y - span() / 2} ${span()} ${span()}`);
  svg().style.touchAction = at.zoom > 1 ? 'none' : 'pan-y';  // a finger on the whole map moves the page
  svg().querySelector('.here').setAttribute('r', 9 * unit());
  names();
};
const settle = () => { show(); list(); };
const mark = (dot) => {
  const here = svg().querySelector('.here');
  here.setAttribute('cx', dot[0]);
  here.setAttribute('cy', dot[1]);
  here.classList.add('on');
};
const choose = (dot) => {
  mark(dot);
  part.querySelector('.chosen').replaceChildren(way(dot));
};
// Closer or farther; what lies under a place stays under it.
const zoom = (by, x = at.x, y = at.y) => {
  const before = at.zoom;
  at.zoom = clamp(at.zoom * by, 1, DEEPEST);
  at.x = x + (at.x - x) * before / at.zoom;
  at.y = y + (at.y - y) * before / at.zoom;
};
const place = ({ clientX, clientY }) => {
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg().getScreenCTM().inverse());
  return [x, y];
};
const nearest = (event) => {
  const [x, y] = place(event), far = (dot) => (dot[0] - x) ** 2 + (dot[1] - y) ** 2;
  return dots.reduce((best, dot) => (far(dot) < far(best) ? dot : best));
};

const onMap = (event) => part && event.target.closest('.ground');
element.addEventListener('pointerdown', (event) => {
  if (!onMap(event)) return;
  held.set(event.pointerId, event);
  moved = held.size > 1;
});
element.addEventListener('pointermove', (event) => {
  const before = held.get(event.pointerId);
  if (!before || !part) return;
  const [x, y] = place(event), [wasX, wasY] = place(before);
  if (held.size > 1) {
    const other = [...held.values()].find((each) => each.pointerId !== event.pointerId);
    const reach = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    zoom(reach(event) / reach(before), ...place(other));
  } else if (moved || Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) > 4) {
    if (!moved) svg().setPointerCapture(event.pointerId);
    moved = true;
    at.x -= x - wasX;
    at.y -= y - wasY;
  } else return;
  held.set(event.pointerId, event);
  show();
});
const left = (event) => {
  if (!held.delete(event.pointerId) || !part) return;
  if (event.type === 'pointerup' && !moved) choose(nearest(event));
  if (!held.size && moved) list();
};
element.addEventListener('pointerup', left);
element.addEventListener('pointercancel', left);
element.addEventListener('wheel', (event) => {
  if (!onMap(event) || !event.ctrlKey) return;  // the plain wheel moves the page
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 200), ...place(event));
  settle();
}, { passive: false });
element.addEventListener('dblclick', (event) => {
  if (!onMap(event)) return;
  zoom(STEP * STEP, ...place(event));
  settle();
});
const KEYS = {
  '+': () => zoom(STEP), '=': () => zoom(STEP), '-': () => zoom(1 / STEP), 0: () => zoom(0),
  ArrowLeft: () => { at.x -= WALK * span(); }, ArrowRight: () => { at.x += WALK * span(); },
  ArrowUp: () => { at.y -= WALK * span(); }, ArrowDown: () => { at.y += WALK * span(); },
};
element.addEventListener('keydown', (event) => {
  if (!onMap(event) || !KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  KEYS[event.key]();
  settle();
});
element.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (!button) return;
  if (button.dataset.act) {
    element.setAttribute('aria-busy', 'true');
    trigger('act', { ...button.dataset });
  } else if (button.dataset.zoom) {
    zoom({ in: STEP, out: 1 / STEP, whole: 0 }[button.dataset.zoom]);
    settle();
  }
});

const draw = () => {
  element.removeAttribute('aria-busy');
  part = element.querySelector('.plane[data-dots]');
  if (!part) return;
  dots = JSON.parse(part.dataset.dots);
  side = Number(part.dataset.side);
  at = { x: side / 2, y: side / 2, zoom: 1 };
  held.clear();
  ['plain', 'named', 'topic'].forEach((look, number) => {
    const own = dots.filter((dot) => dot[4] === number);
    svg().querySelector(`.${look}`).setAttribute('d', own.map(([x, y]) => `M${x} ${y}h0`).join(''));
  });
  settle();
};
new ResizeObserver(() => part && at && show()).observe(element);
watch('value', draw);
draw();
