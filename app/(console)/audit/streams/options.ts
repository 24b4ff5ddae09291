/** How a stream's lines are written. */
export const formats = [
  { value: "ndjson", label: "NDJSON, every column" },
  { value: "ocsf", label: "OCSF 1.3" },
];

/** Where a stream begins in a database's log. */
export const beginnings = [
  { value: "now", label: "What is committed from now on" },
  { value: "beginning", label: "What is in PostgreSQL first, then what comes" },
];
