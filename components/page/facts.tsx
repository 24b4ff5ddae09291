import { clsx } from "clsx";
import type { ReactNode } from "react";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Labels and values under each other, or beside each other where `across` is set. */
export function Facts({ items, across = false }: { items: Fact[]; across?: boolean }) {
  return (
    <dl
      className={clsx(
        across
          ? "flex flex-wrap gap-x-8 gap-y-2"
          : "grid grid-cols-[fit-content(36%)_minmax(0,1fr)] gap-x-4 gap-y-1 sm:gap-x-6",
      )}
    >
      {items.map((item) => (
        <div key={item.label} className={across ? "min-w-0" : "contents"}>
          <dt className="text-faint text-xs leading-6">{item.label}</dt>
          <dd className="min-w-0 leading-6 [overflow-wrap:anywhere]">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
