import type { FilterField } from "#components/table/filter-bar.tsx";

const spans = [
  { value: "", label: "Any time" },
  { value: "-1h", label: "Last hour" },
  { value: "-1d", label: "Last 24 hours" },
  { value: "-7d", label: "Last 7 days" },
  { value: "-30d", label: "Last 30 days" },
  { value: "-90d", label: "Last 90 days" },
  { value: "-365d", label: "Last year" },
];

/** Since when: so long before now, or a day, which the last choice turns the field into. */
export function sinceField(from: string | undefined, today: string): FilterField {
  if (from !== undefined && !from.startsWith("-")) return { name: "from", label: "From day", kind: "date" };
  const own = from !== undefined && !spans.some(({ value }) => value === from) ? [{ value: from, label: from }] : [];
  const options = [...spans, ...own, { value: today, label: "From a day …" }];
  return { name: "from", label: "Since", kind: "select", width: "w-36", options };
}
