import Link from "next/link";
import { type ReactNode, Suspense } from "react";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Skeleton } from "#components/feedback/states.tsx";
import { Section } from "#components/page/section.tsx";
import type { Result } from "#db/errors.ts";

interface PanelProps<T> {
  title: string;
  /** Where the whole of it is. */
  href: string;
  rows: number;
  read: Promise<Result<T>>;
  children: (data: T) => ReactNode;
}

/** One part of the overview: it comes when it is there, and fails alone. */
export function Panel<T>({ title, href, rows, read, children }: PanelProps<T>) {
  return (
    <Section
      title={title}
      aside={
        <Link href={href} className="inline-flex min-h-6 items-center text-accent hover:underline">
          All<span className="sr-only"> of {title.toLowerCase()}</span>
        </Link>
      }
    >
      <Suspense fallback={<Skeleton rows={rows} label={`Loading ${title.toLowerCase()}`} />}>
        <Settled read={read} render={children} />
      </Suspense>
    </Section>
  );
}

async function Settled<T>({ read, render }: { read: Promise<Result<T>>; render: (data: T) => ReactNode }) {
  const result = await read;
  if (result.ok) return render(result.data);
  return <FailedState title={result.message}>{result.fix}</FailedState>;
}
