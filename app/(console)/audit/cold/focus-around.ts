/** Where a button went away with the focus on it, the section around it takes the focus, so that the keyboard goes on from there. */
export function focusAround(element: HTMLElement | null): void {
  const section = element?.closest("section");
  if (!section || document.activeElement !== document.body) return;
  section.tabIndex = -1;
  section.focus({ preventScroll: true });
}
