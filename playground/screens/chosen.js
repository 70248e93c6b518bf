// The theme that the player chose is set before anything is drawn; else the system's holds.
(() => {
  const chosen = localStorage.getItem('playground-theme');
  if (!chosen) return;
  const apply = () => document.body && document.body.classList.toggle('dark', chosen === 'dark');
  document.addEventListener('DOMContentLoaded', apply);
  apply();
  let left = 40;  // Gradio sets its own theme while it starts
  const timer = setInterval(() => { apply(); if (!--left) clearInterval(timer); }, 50);
})();
