// The slider of the first page. At a marked position it shows what stands in the page; anywhere else the model writes,
// and what it writes comes on another board, which says of which request it is.
const part = element.querySelector('.first');
const slider = part.querySelector('[type=range]');
const live = part.querySelector('.live');
const fresh = Number(part.dataset.seed);
const RESTED = 180;  // milliseconds that the slider has to rest
let dial = part.dataset.dial, seed = fresh, number = 0, timer = 0, touched = false;

const kept = () => seed === fresh
  ? part.querySelector(`.kept[data-dial="${dial}"][data-at="${Number(slider.value)}"]`)
  : null;
// The address brings back what is seen: in another language, after a reload, to somebody else.
const address = () => {
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of [['dial', dial], ['at', slider.value], ['seed', seed]]) asked.set(name, value);
  return `${location.pathname}?${asked}`;
};
const show = (text, state) => {
  for (const each of part.querySelectorAll('.kept, .live')) each.hidden = each !== text;
  part.dataset.state = state;
};
const leave = () => {
  clearTimeout(timer);
  if (part.dataset.state === 'writing') trigger('answer', {});
  number += 1;
};
const ask = () => {
  leave();
  live.textContent = '';
  live.parentElement.setAttribute('aria-busy', 'true');
  show(live, 'writing');
  trigger('act', { dial, at: slider.value, seed, number });
};
const face = () => {
  const percent = `${Math.round(slider.value * 100)} %`.replace('-', '−');
  part.querySelector('output').textContent = percent;
  slider.setAttribute('aria-valuetext', percent);
  for (const each of part.querySelectorAll('[data-of]')) each.hidden = each.dataset.of !== dial;
  for (const each of part.querySelectorAll('label .more')) each.hidden = slider.value < 0;
  for (const each of part.querySelectorAll('label .less')) each.hidden = slider.value >= 0;
  for (const each of part.querySelectorAll('[data-choose]')) each.setAttribute('aria-pressed', each.dataset.choose === dial);
};
const turn = (wait) => {
  face();
  if (touched) history.replaceState(history.state, '', address());
  const text = kept();
  if (text) {
    leave();
    live.parentElement.removeAttribute('aria-busy');
    show(text, 'recorded');
  } else {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }
};
slider.addEventListener('input', () => { touched = true; turn(RESTED); });
element.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (!button) return;
  touched = true;
  if (button.dataset.choose) {
    dial = button.dataset.choose;
    if (!Number(slider.value)) slider.value = 1;  // a dial that is chosen is turned
    turn(0);
  } else if (button.dataset.anew !== undefined) {
    seed = Math.floor(Math.random() * 2 ** 31);
    turn(0);
  } else if (button.dataset.share !== undefined) {
    const link = new URL(address(), location.href).href;
    const said = part.querySelector('.shared');
    navigator.clipboard.writeText(link).then(() => { said.textContent = said.dataset.copied; },
      () => { said.textContent = link; });
  }
});
addEventListener('firstminute', ({ detail }) => {
  const written = detail.querySelector('[data-number]');
  if (!written || Number(written.dataset.number) !== number || part.dataset.state !== 'writing') return;
  live.textContent = written.textContent;
  part.querySelector('.line').textContent = written.dataset.line;
  if (!written.dataset.done) return;
  live.parentElement.removeAttribute('aria-busy');
  part.dataset.state = written.dataset.done;
});
// A link brings a dial, its position and the dice. What is not recorded has to wait until the page knows its player.
const told = new URLSearchParams(location.search);
if (part.querySelector(`[data-choose="${CSS.escape(told.get('dial') ?? '')}"]`)) {
  dial = told.get('dial');
  slider.value = told.get('at') ?? 1;
  if (/^\d{1,10}$/.test(told.get('seed') ?? '')) seed = Number(told.get('seed'));
  part.dataset.came = 'link';
  if (kept() || window.entered) turn(0);
  else {
    face();
    addEventListener('entered', () => { if (!touched) turn(0); }, { once: true });
  }
} else face();
