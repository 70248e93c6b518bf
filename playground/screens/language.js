// The language of a page stands in its address: /ru/hunt is /hunt in Russian. Only here it is chosen and remembered.
(() => {
  const KEY = 'playground-language';
  const others = [/* languages */];  // filled in; English has no part of the address
  const page = new RegExp(`(?:/(${others.join('|')}))?/([^/]*)$`).exec(location.pathname);
  const here = page[1] || 'en';
  const address = (language) =>
    location.pathname.slice(0, page.index) + (language === 'en' ? '' : `/${language}`) + `/${page[2]}` +
    location.search + location.hash;
  // Where a page must not keep anything, nothing is chosen for the player: the choice could not be taken back.
  let memory = null;
  try { memory = localStorage; } catch {}
  // An address without a language asks for none; one with a language does, unless the player chose another.
  const known = [...others, 'en'];
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => known.includes(tag));
  const chosen = memory && (memory.getItem(KEY) || (here === 'en' ? wanted : here));
  if (known.includes(chosen) && chosen !== here) location.replace(address(chosen));
  // Gradio writes the browser's language there.
  const root = document.documentElement;
  const say = () => root.lang === here || (root.lang = here);
  new MutationObserver(say).observe(root, { attributes: true, attributeFilter: ['lang'] });
  say();
  // The switch leads to this very page, as its address is by now; to follow it is to choose.
  const aim = ({ type, target }) => {
    const link = target instanceof Element ? target.closest('a[data-language]') : null;
    if (!link) return;
    link.href = address(link.dataset.language);
    if (type === 'click') memory?.setItem(KEY, link.dataset.language);
  };
  for (const type of ['pointerover', 'pointerdown', 'focusin', 'click']) document.addEventListener(type, aim, true);
})();
