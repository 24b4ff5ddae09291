import type { FilterField } from "#components/table/filter-bar.tsx";
import type { AuditFilter } from "#db/audit/contract.ts";

const actions = ["create", "update", "delete", "truncate", "sign_in", "sign_out", "sign_in_refused", "download"];

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

/** The filter bar. What is rarely asked shows once a link has set it. */
export function filterFieldsOf(filter: AuditFilter, today: string): FilterField[] {
  const given = filter.action?.join(",") ?? "";
  const listed = given === "" || actions.includes(given) ? actions : [...actions, given];
  const rare: FilterField[] = [
    { name: "schema", label: "Schema", kind: "text", mono: true, width: "w-32" },
    { name: "request", label: "Request id", kind: "text", mono: true },
    { name: "transaction", label: "Transaction", kind: "text", mono: true, width: "w-32" },
  ];
  return [
    { name: "text", label: "Any id", kind: "text", mono: true, placeholder: "of anything", width: "w-48" },
    { name: "actor", label: "Actor", kind: "text", mono: true, placeholder: "user id", width: "w-36" },
    {
      name: "action",
      label: "Action",
      kind: "select",
      width: "w-36",
      options: [
        { value: "", label: "Any action" },
        ...listed.map((action) => ({ value: action, label: action.replaceAll(",", ", ").replaceAll("_", " ") })),
      ],
    },
    { name: "table", label: "Table", kind: "text", mono: true, width: "w-32" },
    { name: "record", label: "Record id", kind: "text", mono: true, width: "w-36" },
    sinceField(filter.from, today),
    { name: "to", label: "Until day", kind: "date" },
    ...rare.filter(({ name }) => name in filter),
  ];
}
