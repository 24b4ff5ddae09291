import type { ReactNode } from "react";

interface ScreenProps {
  title: ReactNode;
  /** The answer in one sentence: "3 of 212 tenants need attention". */
  answer?: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
  /** Where this screen hangs, such as a link back to its list. */
  above?: ReactNode;
  children: ReactNode;
}

/** Title with its answer, actions at the right, filters, content: the same order on every screen. */
export function Screen({ title, answer, actions, filters, above, children }: ScreenProps) {
  return (
    <div className="mx-auto grid w-full max-w-[1600px] content-start gap-4 px-4 py-5 md:px-6">
      <header className="grid gap-3 lg:flex lg:items-start lg:justify-between lg:gap-8">
        <div className="min-w-0">
          {above ? <div className="mb-1 text-muted text-xs [&_a]:text-accent">{above}</div> : null}
          <h1 className="text-xl [overflow-wrap:anywhere]">{title}</h1>
          {answer ? <div className="mt-0.5 max-w-[90ch] text-muted">{answer}</div> : null}
        </div>
        {actions ? (
          <div className="flex shrink-0 flex-wrap items-center gap-2" data-chrome="">
            {actions}
          </div>
        ) : null}
      </header>
      {filters ? (
        <div className="min-w-0" data-chrome="">
          {filters}
        </div>
      ) : null}
      {children}
    </div>
  );
}
