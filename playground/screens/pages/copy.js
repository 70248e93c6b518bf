// The address of the page is the link to its state; the button copies it.
watch('value', () => {
  const link = element.querySelector('a');
  if (link) history.replaceState(null, '', link.href);
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  navigator.clipboard.writeText(element.querySelector('a').href);
  button.textContent = button.dataset.done;
});
