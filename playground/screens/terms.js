// Words that explain themselves: `.term` holds a link and a `.tip`, which the style shows on hover and focus.
// Here: Escape hides it, it stays inside the window, and where nothing hovers the first tap shows it, the second follows.
(() => {
  const termOf = ({ target }) => (target instanceof Element ? target.closest('.term') : null);
  const rest = (except) =>
    document.querySelectorAll('.term.told').forEach((term) => term !== except && term.classList.remove('told'));
  const place = (event) => {
    const term = termOf(event);
    if (!term || term.contains(event.relatedTarget)) return;
    term.classList.remove('hush');
    const tip = term.querySelector('.tip');
    tip.style.removeProperty('--shift');
    const over = tip.getBoundingClientRect().right - document.documentElement.clientWidth + 12;
    if (over > 0) tip.style.setProperty('--shift', `${-over}px`);
  };
  document.addEventListener('pointerover', place);
  document.addEventListener('focusin', place);
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    document.querySelectorAll('.term:is(:hover, :focus-within, .told)').forEach((term) => term.classList.add('hush'));
    rest(null);
  });
  document.addEventListener('click', (event) => {
    const term = termOf(event);
    rest(term);
    const pressed = event.detail === 0;  // by a key: the sentence was read on focus
    if (!term || pressed || !matchMedia('(hover: none)').matches || term.classList.contains('told')) return;
    if (event.target.closest('a')) event.preventDefault();
    term.classList.add('told');
  });
})();
