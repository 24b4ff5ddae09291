import Link from "next/link";
import type { DiffLayout } from "#components/diff/field-diff.tsx";
import { entryHref } from "../../addresses.ts";

/** Before and after beside each other, or under each other; the address holds the choice. */
export function LayoutSwitch({ entry, layout }: { entry: { database: string; id: string }; layout: DiffLayout }) {
  const href = entryHref(entry);
  return layout === "side" ? (
    <Link href={`${href}?diff=inline`} replace scroll={false}>
      Show inline
    </Link>
  ) : (
    <Link href={href} replace scroll={false}>
      Show side by side
    </Link>
  );
}
