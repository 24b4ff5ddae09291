import Link from "next/link";
import { Value } from "./value.tsx";

/** What a value points at, by name. */
export interface ValueName {
  /** The value as text. */
  value: string;
  name: string | null;
  /** As of when the name holds, or why there is none: "the name of then". */
  hint: string;
  href?: string;
}

/** A value with the name of what it points at beside it. */
export function NamedValue({ value, masked, names }: { value: unknown; masked: boolean; names: readonly ValueName[] }) {
  const named = value === null || value === undefined ? undefined : names.find((one) => one.value === String(value));
  if (named === undefined) return <Value value={value} masked={masked} />;
  const label = named.name ?? "the record";
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <Value value={value} masked={masked} />
      <span>
        {named.href === undefined ? label : <Link href={named.href}>{label}</Link>}{" "}
        <span className="text-faint text-xs">{named.hint}</span>
      </span>
    </span>
  );
}
