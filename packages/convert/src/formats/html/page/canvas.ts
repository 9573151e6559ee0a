/** Makes a canvas as large as its host, with all the pixels that the screen has. */
export function fitCanvas(canvas: HTMLCanvasElement, host: HTMLElement): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = host;
  canvas.style.height = `${clientHeight}px`;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context;
}
