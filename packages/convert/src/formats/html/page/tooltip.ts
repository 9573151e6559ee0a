import { byId } from './dom.js';

/** Shows content beside the pointer, or nothing. It never takes focus and repeats only what is said elsewhere. */
export function placeTooltip(content: readonly Node[] | null, event: PointerEvent): void {
  const tooltip = byId('tooltip', HTMLDivElement);
  tooltip.hidden = content === null || event.pointerType !== 'mouse';
  if (!content || tooltip.hidden) return;
  tooltip.replaceChildren(...content);
  const { width, height } = tooltip.getBoundingClientRect();
  const left = Math.min(event.clientX + 12, document.documentElement.clientWidth - width - 4);
  const below = event.clientY + 18;
  const top = below + height > window.innerHeight ? event.clientY - height - 10 : below;
  tooltip.style.left = `${Math.max(4, left)}px`;
  tooltip.style.top = `${Math.max(4, top)}px`;
}

export function hideTooltip(): void {
  byId('tooltip', HTMLDivElement).hidden = true;
}
