import { fieldNamed, fields, type Named, named } from "./fields.ts";

/** What may be completed at the caret: the text from `start` to `end` is replaced. */
export type Completion =
  | { what: "field"; begin: string; negated: boolean; start: number; end: number }
  | { what: "key"; field: Named; begin: string; start: number; end: number }
  | { what: "value"; field: Named; key: string | null; begin: string; start: number; end: number };

const spoken = /^(-?)([\p{L}_]+)(?:\.("(?:[^"\\]|\\.)*"|[^\s:"]*))?(:?)/u;

/** Where the caret stands; null inside free text that is quoted, where nothing can be known. */
export function completionAt(text: string, caret: number): Completion | null {
  const start = termStart(text.slice(0, caret));
  const term = text.slice(start, caret);
  const end = caret + (/^[^\s,]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const [head = "", minus = "", name = "", key, colon] = spoken.exec(term) ?? [];
  if (head === "" || (colon === "" && key === undefined)) {
    const begin = term.replace(/^-/, "");
    if (begin.startsWith('"')) return null;
    return { what: "field", begin, negated: term.startsWith("-"), start, end };
  }
  const field = fieldNamed(name);
  if (field === null) return null;
  if (colon === "") return { what: "key", field, begin: key ?? "", start: start + minus.length + name.length + 1, end };
  const typed = lastValue(term.slice(head.length));
  const begin = term.slice(head.length + typed);
  const keyText = key === undefined ? null : key.replace(/^"|"$/g, "");
  return {
    what: "value",
    field,
    key: keyText,
    begin: begin.replace(/^"/, ""),
    start: start + head.length + typed,
    end,
  };
}

/** The fields whose names begin so, and those that are called so. */
export function fieldsBegun(begin: string): Named[] {
  const wanted = begin.toLowerCase();
  const byAlias = (field: Named) =>
    (fields[field].aliases ?? []).some((alias) => wanted !== "" && alias.startsWith(wanted));
  return named.filter((field) => field.startsWith(wanted) || byAlias(field));
}

/** Where the term that the text ends in begins: after the last space outside quotation marks. */
function termStart(text: string): number {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted && char === "\\") at += 1;
    else if (char === '"' && (quoted || /^$|[\s:,.-]/.test(text.charAt(at - 1)))) quoted = !quoted;
    else if (!quoted && /\s/.test(char)) start = at + 1;
  }
  return start;
}

/** Where the last value of a list begins: after the last comma outside quotation marks. */
function lastValue(list: string): number {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < list.length; at += 1) {
    const char = list.charAt(at);
    if (char === '"') quoted = !quoted;
    else if (!quoted && char === ",") start = at + 1;
  }
  return start;
}
