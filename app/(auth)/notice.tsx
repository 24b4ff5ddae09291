import type { ReactNode } from "react";
import { LinkButton } from "#components/ui/button.tsx";

interface NoticeProps {
  title: string;
  children: ReactNode;
  action: { href: string; label: string };
}

/** A whole page that says one thing and where to go. */
export function Notice({ title, children, action }: NoticeProps) {
  return (
    <main className="mx-auto grid w-full max-w-lg content-start justify-items-start gap-3 px-5 py-16">
      <h1 className="text-xl">{title}</h1>
      <div className="text-muted">{children}</div>
      <LinkButton href={action.href} look="primary">
        {action.label}
      </LinkButton>
    </main>
  );
}
