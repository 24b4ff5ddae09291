/** How a stream's lines are written. */
export const formats = [
  { value: "ndjson", label: "NDJSON, every column" },
  { value: "ocsf", label: "OCSF 1.3" },
];
