import { type ReactNode, useId } from "react";

interface SectionProps {
  title: ReactNode;
  /** At the right of the title: a link, a count, a small action. */
  aside?: ReactNode;
  /** One sentence below the title. */
  answer?: ReactNode;
  children: ReactNode;
}

/** A named part of a screen, set off by space and a hairline and not by a box. */
export function Section({ title, aside, answer, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-2 min-w-0">
      <header className="mb-2 flex min-h-7 flex-wrap items-end justify-between gap-x-4 border-line border-b pb-1">
        <h2 id={id} className="font-semibold text-sm">
          {title}
        </h2>
        {aside ? <div className="text-muted text-xs [&_a:not([data-button])]:text-accent">{aside}</div> : null}
      </header>
      {answer ? <p className="mb-2 text-muted">{answer}</p> : null}
      {children}
    </section>
  );
}
