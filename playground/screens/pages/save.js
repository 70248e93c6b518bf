// Saves the drawn SVG as a PNG of twice its size, in the browser alone.
const SCALE = 2;
element.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-save]');
  if (!button) return;
  const drawn = element.querySelector('svg.certificate');
  const [, , width, height] = drawn.getAttribute('viewBox').split(' ').map(Number);
  const copy = drawn.cloneNode(true);
  copy.setAttribute('width', width * SCALE);
  copy.setAttribute('height', height * SCALE);
  const picture = new Image();
  picture.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  canvas.getContext('2d').drawImage(picture, 0, 0);
  canvas.toBlob((blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = button.dataset.save;
    link.click();
    URL.revokeObjectURL(link.href);
  }, 'image/png');
});
