import type { FilterField } from "#components/table/filter-bar.tsx";

/** Only orders that an index serves. */
export const tenantFields: FilterField[] = [
  { name: "q", label: "Search", kind: "text", placeholder: "Name, slug, key or id", width: "w-60" },
  {
    name: "status",
    label: "Status",
    kind: "select",
    options: [
      { value: "", label: "Any status" },
      { value: "active", label: "Active" },
      { value: "suspended", label: "Suspended" },
      { value: "archived", label: "Archived" },
    ],
  },
  {
    name: "tier",
    label: "Tier",
    kind: "select",
    options: [
      { value: "", label: "Any tier" },
      { value: "shared", label: "Shared tables" },
      { value: "schema", label: "Own schema" },
      { value: "database", label: "Own database" },
    ],
  },
  {
    name: "larger",
    label: "Size",
    kind: "select",
    options: [
      { value: "", label: "Any size" },
      { value: "1048576", label: "From 1 MB" },
      { value: "104857600", label: "From 100 MB" },
      { value: "1073741824", label: "From 1 GB" },
      { value: "10737418240", label: "From 10 GB" },
    ],
  },
  {
    name: "advised",
    label: "Next move",
    kind: "select",
    options: [
      { value: "", label: "Any" },
      { value: "any", label: "Should move" },
      { value: "schema", label: "To its own schema" },
      { value: "database", label: "To its own database" },
      { value: "shared", label: "To shared tables" },
    ],
  },
  {
    name: "idle",
    label: "Activity",
    kind: "select",
    options: [
      { value: "", label: "Any activity" },
      { value: "7", label: "Idle for a week" },
      { value: "30", label: "Idle for 30 days" },
      { value: "365", label: "Idle for a year" },
    ],
  },
  {
    name: "dedicated",
    label: "Contract",
    kind: "select",
    options: [
      { value: "", label: "Any contract" },
      { value: "yes", label: "Own database" },
      { value: "no", label: "Nothing promised" },
    ],
  },
  {
    name: "sort",
    label: "Order",
    kind: "select",
    options: [
      { value: "", label: "By name" },
      { value: "-name", label: "By name, from Z" },
      { value: "-size", label: "Largest first" },
      { value: "size", label: "Smallest first" },
      { value: "-growth", label: "Growing fastest" },
      { value: "-writes", label: "Most writes" },
      { value: "active", label: "Idle longest" },
      { value: "-active", label: "Active last" },
      { value: "-created", label: "Newest first" },
      { value: "created", label: "Oldest first" },
    ],
  },
];
