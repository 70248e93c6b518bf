// What every board of the game does with clicks and keys: an element with data-act tells Python its data-* values.
// Read once a page; a board that is drawn before waits for the event at the end.
window.touchBoard = (element, trigger, watch) => {
  // Arrow keys walk along a strip of tokens; the focus survives the board being drawn anew.
  let held = null;
  let seen = null;
  const SETTLED = 150;  // milliseconds
  // What belongs to a form, wherever its fields stand on the page, is reported with all that the form holds by then.
  const report = (target) =>
    target.form ? { ...target.dataset, form: Object.fromEntries(new FormData(target.form)) } : { ...target.dataset };
  const fire = (target) => {
    held = target.dataset.key || null;
    trigger('act', report(target));
  };
  element.addEventListener('change', ({ target }) => {
    if (target.dataset.change === 'answer') trigger('answer', report(target));
  });
  element.addEventListener('input', ({ target }) => {
    if (!target.dataset.words) return;
    const count = target.value.split(/\s+/).filter(Boolean).length;
    element.querySelector(`[data-count="${target.name}"]`).textContent = count;
    target.setAttribute('aria-invalid', count > Number(target.dataset.words));
  });
  // Another site is asked only by a click on a button that says so; it learns neither page nor cookies of the game.
  const framed = (button) => {
    const frame = document.createElement('iframe');
    frame.referrerPolicy = 'no-referrer';
    frame.sandbox = 'allow-scripts allow-same-origin allow-popups';
    frame.title = button.dataset.title;
    frame.src = button.dataset.frame;
    button.replaceWith(frame);
    frame.focus();
  };
  element.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-frame]');
    if (opener) framed(opener);
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
  // Long evidence is folded away where the screen is small.
  const fold = () => {
    if (innerWidth < 800) for (const long of element.querySelectorAll('[data-fold]')) long.open = false;
  };
  fold();
  watch('value', () => {
    if (held) element.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    held = null;
    fold();
    // What carries data-show is brought into view when it is new, not at every update of a stream.
    const show = element.querySelector('[data-show]');
    const key = show ? show.dataset.show + (show.dataset.of || '') : null;
    if (show && key !== seen && (show.dataset.show !== 'narrow' || innerWidth < 800)) {
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      // The same answer empties other boards: only when they have shrunk is it known where this one stands.
      setTimeout(() => show.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' }), SETTLED);
      // A verdict takes the focus where what was pressed is gone, so that the tab key goes on from it.
      const { activeElement: here } = document;
      if (show.dataset.show === 'end' && (here === document.body || here.disabled || here.dataset.act === 'submit')) show.focus({ preventScroll: true });
    }
    seen = key;
  });
};
dispatchEvent(new Event('touchboard'));
