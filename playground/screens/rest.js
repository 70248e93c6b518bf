// A page at rest does nothing. Gradio (6.31, StatusTracker) counts the seconds of a wait once a frame, and goes on for ever
// where what showed the wait went before the wait had ended, as the first loading sign of every page does. The game shows
// its own waiting and never this clock, so it is not run.
(() => {
  const next = requestAnimationFrame.bind(window);
  const clock = /performance\.now\(\).*\/\s*1e3/s;
  window.requestAnimationFrame = (frame) => (clock.test(Function.prototype.toString.call(frame)) ? 0 : next(frame));
})();
