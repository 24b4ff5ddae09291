"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { QueryLanguage, Suggested } from "./language.ts";

const waitMs = 120;
const none: Suggested = { list: [] };

interface Suggestions extends Suggested {
  /** The one that Enter takes; -1 for none. */
  active: number;
  move: (step: number) => void;
  ask: (text: string, caret: number) => void;
  close: () => void;
}

/** What may stand at the caret, asked for as one types; an answer that comes after the next letter is thrown away. */
export function useSuggestions(language: QueryLanguage): Suggestions {
  const [suggested, setSuggested] = useState(none);
  const [active, setActive] = useState(-1);
  const running = useRef<{ stop: AbortController; timer: ReturnType<typeof setTimeout> } | null>(null);

  const stop = useCallback(() => {
    if (running.current === null) return;
    clearTimeout(running.current.timer);
    running.current.stop.abort();
    running.current = null;
  }, []);

  useEffect(() => stop, [stop]);

  function ask(text: string, caret: number) {
    stop();
    const control = new AbortController();
    const timer = setTimeout(async () => {
      const found = await language.suggest(text, caret, control.signal);
      if (control.signal.aborted) return;
      setSuggested(found);
      setActive(-1);
    }, waitMs);
    running.current = { stop: control, timer };
  }

  function close() {
    stop();
    setSuggested(none);
    setActive(-1);
  }

  function move(step: number) {
    setActive((at) => wrap(at + step, suggested.list.length));
  }

  return { ...suggested, active, move, ask, close };
}

/** From the text itself (-1) into the list and out of it again. */
function wrap(at: number, length: number): number {
  if (at < -1) return length - 1;
  return at >= length ? -1 : at;
}
