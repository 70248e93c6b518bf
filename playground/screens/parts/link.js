// A link is copied by its button, where a clipboard may be used or not (http://ADDRESS is no secure page);
// its field is selected whole. On a page whose state it is, the address of the page follows it.
const field = () => element.querySelector('input.link');
watch('value', () => {
  if (field()?.dataset.own) history.replaceState(null, '', field().value);
});
element.addEventListener('focusin', (event) => event.target === field() && field().select());
element.addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  field().select();
  let done = false;
  try { await navigator.clipboard.writeText(field().value); done = true; } catch { done = document.execCommand('copy'); }
  button.textContent = done ? button.dataset.done : button.dataset.select;
});
