export interface Toast {
  id: number;
  message: string;
}

const shownMs = 5000;
const most = 3;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastId = 0;

/** Says the result of an action, briefly. Nothing that somebody must read may be said only here. */
export function toast(message: string): void {
  lastId += 1;
  const id = lastId;
  change([...toasts, { id, message }].slice(-most));
  setTimeout(() => change(toasts.filter((one) => one.id !== id)), shownMs);
}

export function readToasts(): readonly Toast[] {
  return toasts;
}

export function onToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}
