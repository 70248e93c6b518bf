// What every board of the game does with clicks and keys: an element with data-act tells Python its data-* values.
// Read once a page; a board that is drawn before waits for the event at the end.
window.touchBoard = (element, trigger, watch) => {
  // Arrow keys walk along a strip of tokens; the focus survives the board being drawn anew.
  let held = null;
  let seen = null;
  let landed = false;
  const SETTLED = 150, TYPED = 600;  // milliseconds
  let typing = 0;
  // Where a page must not keep anything, what is typed and not sent is lost with the page.
  let drafts = null;
  try { drafts = sessionStorage; } catch {}
  // What belongs to a form, wherever its fields stand on the page, is reported with all that the form holds by then.
  const report = (target) =>
    target.form ? { ...target.dataset, form: Object.fromEntries(new FormData(target.form)) } : { ...target.dataset };
  const fire = (target) => {
    held = target.dataset.key || null;
    trigger(target.dataset.as || 'act', report(target));  // where a board has buttons of two sorts
  };
  // The game takes no files: what is in one is sent as text, gzip in base64.
  const packed = async (file) => {
    const stream = file.stream().pipeThrough(new CompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  };
  element.addEventListener('change', ({ target }) => {
    const group = target.closest('[data-most]');
    if (group) {
      const boxes = [...group.querySelectorAll('[type=checkbox]')];
      if (!boxes.some((box) => box.checked)) target.checked = true;  // as with one choice, an answer stays
      const ticked = boxes.filter((box) => box.checked);
      for (const box of boxes) box.disabled = !box.checked && ticked.length >= Number(group.dataset.most);
      group.querySelector('[type=hidden]').value = ticked.reduce((sum, box) => sum + Number(box.value), 0);
    }
    if (target.dataset.packs && target.files.length) packed(target.files[0]).then((text) => {
      trigger('act', { act: target.dataset.packs, packed: text.length > Number(target.dataset.limit) ? '' : text });
      target.value = '';  // so that the same one can be chosen again
    });
    if (target.dataset.change === 'answer') trigger('answer', report(target));
  });
  element.addEventListener('input', ({ target }) => {
    if (target.dataset.draft) drafts?.setItem(target.dataset.draft, target.value);
    if (!target.dataset.words) return;
    clearTimeout(typing);  // what is typed is an answer as soon as the typing rests
    typing = setTimeout(() => target.isConnected && trigger('answer', report(target)), TYPED);
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
    const way = event.target.closest('[data-to]');
    if (way) document.querySelector(way.dataset.to)?.scrollIntoView({ block: 'start' });
    const taken = event.target.closest('[data-take]');
    if (taken) {  // a text goes back into its field, as if it had been typed there
      const field = document.querySelector(`[name="${CSS.escape(taken.dataset.into)}"]`);
      field.value = taken.dataset.take;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.focus();
    }
    const target = event.target.closest('[data-act]');
    if (target && !target.disabled) fire(target);
  });
  element.addEventListener('keydown', (event) => {
    // An answer is chosen by arrow keys: Enter goes on. In a text it is a new line.
    if (event.key === 'Enter' && (['radio', 'checkbox'].includes(event.target.type) || event.ctrlKey) && event.target.form) {
      event.preventDefault();
      document.querySelector(`[data-on][form="${event.target.form.id}"]`)?.click();
      return;
    }
    const target = event.target.closest('[role=button][data-act]');
    if (!target) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      fire(target);
      return;
    }
    // Along the strongest line of a picture.
    const along = target.dataset[{ ArrowUp: 'up', ArrowDown: 'down' }[event.key]];
    if (along) {
      event.preventDefault();
      element.querySelector(`[data-key="${CSS.escape(along)}"]`)?.focus();
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
  // What somebody has folded or unfolded stays so when the board is drawn anew.
  const folded = new Map();
  element.addEventListener('toggle', ({ target }) => {
    if (target.dataset.stays) folded.set(target.dataset.stays, target.open);
  }, true);  // it does not bubble
  // Long evidence is folded away where the screen is small.
  const fold = () => {
    if (innerWidth < 800) for (const long of element.querySelectorAll('[data-fold]')) long.open = false;
  };
  // A page says where the player stands, so that a reload or another language leads there.
  const place = () => {
    const here = element.querySelector('[data-address]');
    if (here) history.replaceState(history.state, '', location.pathname + here.dataset.address);
    for (const each of element.querySelectorAll('details[data-stays]')) each.open = folded.get(each.dataset.stays) ?? each.open;
    // A board may bring news for a place on another one, where somebody may be typing.
    for (const news of element.querySelectorAll('[data-instead]')) document.getElementById(news.dataset.instead)?.replaceChildren(...news.childNodes);
    for (const field of element.querySelectorAll('[data-draft]')) field.value ||= drafts?.getItem(field.dataset.draft) ?? '';
    element.dispatchEvent(new CustomEvent('drawn', { bubbles: true }));
  };
  // A way back leads to where one came from, also where that lies folded.
  const land = () => {
    const there = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (landed || !there || !element.contains(there)) return;
    landed = true;
    for (let over = there.closest('details'); over; over = over.parentElement.closest('details')) over.open = true;
    setTimeout(() => there.scrollIntoView({ block: 'center' }), SETTLED);
  };
  fold();
  place();
  land();
  watch('value', () => {
    fold();
    place();
    land();
    if (held) element.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    held = null;
    // What carries data-show is brought into view when it is new, not at every update of a stream.
    const show = element.querySelector('[data-show]');
    const key = show ? show.dataset.show + (show.dataset.of || '') : null;
    if (show && key !== seen && (show.dataset.show !== 'narrow' || innerWidth < 800)) {
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      // The same answer empties other boards: only when they have shrunk is it known where this one stands.
      setTimeout(() => show.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'start' }), SETTLED);
      if (show.dataset.show === 'step') show.querySelector('h2').focus({ preventScroll: true });
      // A verdict takes the focus where what was pressed is gone, so that the tab key goes on from it.
      const { activeElement: here } = document;
      if (show.dataset.show === 'end' && (here === document.body || here.disabled || here.dataset.act === 'submit')) show.focus({ preventScroll: true });
    }
    seen = key;
  });
};
dispatchEvent(new Event('touchboard'));
