import type { FilterField } from "#components/table/filter-bar.tsx";
import type { DeletedFilter } from "#db/records/contract.ts";
import { sinceField } from "./since-field.ts";

export function deletedFieldsOf(filter: DeletedFilter, today: string): FilterField[] {
  const rare: FilterField[] = [
    { name: "schema", label: "Schema", kind: "text", mono: true, width: "w-32" },
    { name: "transaction", label: "Transaction", kind: "text", mono: true, width: "w-32" },
  ];
  return [
    { name: "table", label: "Table", kind: "text", mono: true, width: "w-40" },
    { name: "record", label: "Key", kind: "text", mono: true, width: "w-44" },
    { name: "actor", label: "Deleted by", kind: "text", mono: true, placeholder: "user id", width: "w-44" },
    {
      name: "kind",
      label: "How",
      kind: "select",
      width: "w-44",
      options: [
        { value: "", label: "Gone or marked" },
        { value: "hard", label: "Gone from its table" },
        { value: "soft", label: "Marked as deleted" },
      ],
    },
    sinceField(filter.from, today),
    { name: "to", label: "Until day", kind: "date" },
    ...rare.filter(({ name }) => name in filter),
  ];
}
