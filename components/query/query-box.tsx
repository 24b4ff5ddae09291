"use client";
import { clsx } from "clsx";
import { Search, X } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useRef, useState, useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { controlClass } from "#components/ui/input.tsx";
import { Chips } from "./chips.tsx";
import type { QueryLanguage, Suggestion } from "./language.ts";
import { Problem } from "./problem.tsx";
import { SuggestionList } from "./suggestion-list.tsx";
import { useSuggestions } from "./use-suggestions.ts";

interface QueryBoxProps {
  label: string;
  placeholder: string;
  language: QueryLanguage;
  /** The text that the screen was asked with. */
  text: string;
  /** Goes where this text is asked. */
  go: (text: string) => void;
  /** At the right: views, columns. */
  aside?: ReactNode;
}

/** A filter as text and as chips: two views of one thing. Enter asks; what cannot be read is not asked. */
export function QueryBox({ label, placeholder, language, text, go, aside }: QueryBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [pending, startTransition] = useTransition();
  const [typed, setTyped] = useState(text);
  const [shown, setShown] = useState(text);
  const [tried, setTried] = useState(text);
  const suggestions = useSuggestions(language);
  if (shown !== text) {
    setShown(text);
    setTyped(text);
    setTried(text);
  }
  const read = language.read(typed);
  const problem = !read.ok && (tried === typed || tried.length > typed.length) ? read : null;
  const asked = language.read(text);

  function ask(next: string) {
    suggestions.close();
    setTyped(next);
    setTried(next);
    if (language.read(next).ok) startTransition(() => go(next.trim()));
    else input.current?.focus();
  }

  function take({ insert, start, end }: Suggestion) {
    const next = typed.slice(0, start) + insert + typed.slice(end);
    const caret = start + insert.length;
    setTyped(next);
    suggestions.ask(next, caret);
    requestAnimationFrame(() => input.current?.setSelectionRange(caret, caret));
    input.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    const chosen = suggestions.list[suggestions.active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (suggestions.list.length === 0) suggestions.ask(typed, event.currentTarget.selectionStart ?? typed.length);
      else suggestions.move(event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
    else if (event.key === "Escape" && (suggestions.list.length > 0 || suggestions.missing)) suggestions.close();
    else return;
    event.preventDefault();
  }

  return (
    <search className="grid gap-2">
      <form
        aria-busy={pending}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          ask(typed);
        }}
        className="flex flex-wrap items-center gap-2"
      >
        <div className="relative min-w-0 flex-1 basis-96">
          <Search
            aria-hidden="true"
            className="pointer-events-none absolute top-1/2 left-2 size-4 -translate-y-1/2 text-faint"
          />
          <input
            ref={input}
            type="text"
            role="combobox"
            aria-label={label}
            aria-expanded={suggestions.list.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={suggestions.active >= 0 ? `${id}-${suggestions.active}` : undefined}
            aria-invalid={problem !== null}
            aria-describedby={problem ? `${id}-problem` : undefined}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={2_000}
            placeholder={placeholder}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              suggestions.ask(event.target.value, event.target.selectionStart ?? event.target.value.length);
            }}
            onKeyDown={onKeyDown}
            onBlur={suggestions.close}
            className={clsx(controlClass, "h-(--control) pr-2 pl-8 font-mono")}
          />
          <SuggestionList id={id} suggested={suggestions} active={suggestions.active} take={take} />
        </div>
        <Button type="submit">{pending ? "Looking…" : "Search"}</Button>
        {text !== "" ? (
          <Button look="ghost" onClick={() => ask("")}>
            <X aria-hidden="true" />
            Clear
          </Button>
        ) : null}
        {aside}
      </form>
      {problem ? <Problem id={`${id}-problem`} text={typed} message={problem.message} at={problem.at} /> : null}
      {asked.ok ? <Chips chips={asked.chips} ask={ask} /> : null}
    </search>
  );
}
