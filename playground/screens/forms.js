// Forms within boards, and what only the browser knows: its own address, its time zone, a file that somebody chose.
(() => {
  // Enter in a field presses the first button of its form.
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('form[data-form]')) return;
    event.preventDefault();
    event.target.querySelector('button[data-act]')?.click();
  });
  // A list is read here and sent as text: the game takes no files.
  document.addEventListener('change', async ({ target }) => {
    if (!target.matches?.('input[type=file][data-into]') || !target.files.length) return;
    const text = await target.files[0].slice(0, 400000).text();
    document.getElementById(target.dataset.into).value = text;
  });
  document.addEventListener('focusin', ({ target }) => target.matches?.('input[data-link]') && target.select());
  // What keeps itself up to date does so while somebody looks, and never under the keys or a finger.
  setInterval(() => {
    for (const button of document.querySelectorAll('[data-every]')) {
      const busy = document.hidden || button.closest('.prose, .html-container')?.contains(document.activeElement);
      if (!busy) button.click();
    }
  }, 15000);
  // The matrix is wide: where it was scrolled to survives its being drawn anew.
  let scrolled = 0;
  document.addEventListener('scroll', ({ target }) => { if (target.matches?.('.matrix')) scrolled = target.scrollLeft; }, true);
  document.addEventListener('drawn', ({ target: board }) => {
    const matrix = board.querySelector('.matrix');
    if (matrix) matrix.scrollLeft = scrolled;
    for (const field of board.querySelectorAll('input[data-zone]')) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const field of board.querySelectorAll('[data-link]')) {
      const whole = new URL(field.dataset.link, location.href);
      if (field.matches('input')) field.value = whole.href;
      else field.textContent = whole.host + whole.pathname + whole.search;
    }
    // A code on paper may come as a link: what follows the # is never sent to the server.
    const resume = board.querySelector('input[name=resume]');
    if (resume && location.hash.startsWith('#resume=')) resume.value = decodeURIComponent(location.hash.slice(8));
    // Who comes back from signing in elsewhere brings proof, which is good for once.
    const signed = board.querySelector('[data-act=signed]');
    if (signed && location.hash.startsWith('#signed=')) {
      signed.dataset.proof = location.hash.slice(8);
      history.replaceState(history.state, '', location.pathname + location.search);
      signed.click();
    }
    // A file that was made is fetched once; its link stays.
    for (const link of board.querySelectorAll('a[data-start]')) {
      link.removeAttribute('data-start');
      link.click();
    }
  });
})();
