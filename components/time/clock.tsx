"use client";
import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

interface Clock {
  /** The person's zone, an IANA name. */
  zone: string;
  /** When the server rendered, so that the first paint in the browser says the same. */
  renderedAt: number;
}

const ClockContext = createContext<Clock>({ zone: "UTC", renderedAt: 0 });

export function ClockProvider({ children, ...clock }: Clock & { children: ReactNode }) {
  return <ClockContext value={clock}>{children}</ClockContext>;
}

export function useZone(): string {
  return useContext(ClockContext).zone;
}

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, moving in steps of ten seconds; one timer for all who look. */
export function useNow(): number {
  const { renderedAt } = useContext(ClockContext);
  return useSyncExternalStore(
    subscribe,
    () => now,
    () => renderedAt || now,
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    now = Date.now();
    timer = setInterval(tick, 10_000);
    // The browser lets the timers of a hidden tab wait.
    document.addEventListener("visibilitychange", tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
    timer = undefined;
  };
}

function tick() {
  now = Date.now();
  for (const listener of listeners) listener();
}
