// Put into every page before it loads: notes how long after the last click its answer stood on the
// screen, by the wall clock and kept over pages, because a click may lead to another one.
(() => {
  const BEGAN = 'clicks-began', AWAITED = 'clicks-awaited', TOOK = 'clicks-took';
  const now = () => performance.timeOrigin + performance.now();
  document.addEventListener('click', () => sessionStorage.setItem(BEGAN, String(now())), true);
  const seen = ({ answer, left }) => {
    if (left === performance.timeOrigin) return false;  // still on the page that is to be left
    return [...document.querySelectorAll(answer)].some((found) => found.getClientRects().length);
  };
  const look = () => {
    const awaited = JSON.parse(sessionStorage.getItem(AWAITED) ?? 'null');
    const began = sessionStorage.getItem(BEGAN);
    if (awaited && began && seen(awaited)) {
      // What stands in this frame is painted at its end.
      requestAnimationFrame(() => sessionStorage.setItem(TOOK, String(now() - Number(began))));
      sessionStorage.removeItem(AWAITED);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.awaitAnswer = (answer, travels) => {
    [BEGAN, TOOK].forEach((key) => sessionStorage.removeItem(key));
    const left = travels ? performance.timeOrigin : null;
    sessionStorage.setItem(AWAITED, JSON.stringify({ answer, left }));
  };
  window.tookUntilAnswer = () => Number(sessionStorage.getItem(TOOK));
})();
