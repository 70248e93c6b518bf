// The button that turns the page from light to dark and back; what was chosen is kept.
element.querySelector('.lamp').addEventListener('click', () => {
  const dark = document.body.classList.toggle('dark');
  localStorage.setItem('playground-theme', dark ? 'dark' : 'light');
});
