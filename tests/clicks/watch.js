// Put into every page before it loads: when the last click happened, by the wall clock and kept over
// pages, because a click may lead to another one.
(() => {
  const KEY = 'clicks-began';
  const now = () => performance.timeOrigin + performance.now();
  document.addEventListener('click', () => sessionStorage.setItem(KEY, String(now())), true);
  window.sinceClick = () => now() - Number(sessionStorage.getItem(KEY));
})();
