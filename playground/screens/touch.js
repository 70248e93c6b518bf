// What every board of the game does with clicks and keys: an element with data-act tells Python its data-* values.
// Arrow keys walk along a strip of tokens; the focus survives the board being drawn anew.
let held = null;
let seen = null;
const fire = (target) => {
  held = target.dataset.key || null;
  trigger('act', { ...target.dataset });
};
element.addEventListener('click', (event) => {
  const target = event.target.closest('[data-act]');
  if (target && !target.disabled) fire(target);
});
element.addEventListener('keydown', (event) => {
  const target = event.target.closest('[role=button][data-act]');
  if (!target) return;
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    fire(target);
    return;
  }
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...target.parentElement.querySelectorAll('[data-act]')];
  const next = all[all.indexOf(target) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
watch('value', () => {
  if (held) element.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  held = null;
  // What carries data-show is brought into view when it is new, not at every update of a stream.
  const show = element.querySelector('[data-show]');
  const key = show ? show.dataset.show + (show.dataset.of || '') : null;
  if (show && key !== seen && (show.dataset.show !== 'narrow' || innerWidth < 800)) {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    show.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' });
  }
  seen = key;
});
