"use client";
import { useSyncExternalStore } from "react";
import { onToasts, readToasts, type Toast } from "./toast.ts";

const none: readonly Toast[] = [];

/** Where results of actions are said, and read out when the reader is free. Our own, since sonner writes a style element that the CSP refuses. */
export function Toaster() {
  const toasts = useSyncExternalStore(onToasts, readToasts, () => none);
  return (
    <ol
      aria-label="Results"
      aria-live="polite"
      data-chrome=""
      className="pointer-events-none fixed right-4 bottom-4 z-40 grid max-w-[calc(100vw-32px)] justify-items-end gap-2"
    >
      {toasts.map((toast) => (
        <li key={toast.id} className="arrives rounded border border-line bg-surface px-4 py-2.5 shadow-float">
          {toast.message}
        </li>
      ))}
    </ol>
  );
}
