import type { ColumnMethod, ErasureItem } from "#db/records/erasure/contract.ts";

export const methodWords: Record<ErasureItem["method"], string> = {
  delete: "delete",
  redact: "redact",
  keep: "keep",
  open: "to decide",
  remove: "remove",
};

export const columnMethodWords: Record<ColumnMethod["do"], string> = {
  null: "empty (NULL)",
  text: "a fixed text",
  hash: "a keyed hash",
  words: "take the words out",
};
