import { membersOf } from "../../../audit/members.ts";
import type { NotReached } from "../contract.ts";
import type { Known } from "./collect.ts";
import type { About } from "./export.ts";

const style =
  "body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#111}table{border-collapse:collapse;width:100%;margin:0 0 1rem}" +
  "th,td{text-align:left;vertical-align:top;border-top:1px solid #ccc;padding:2px 8px 2px 0;overflow-wrap:anywhere}th{width:14rem;font-weight:600}h2{font-size:15px;margin:1.5rem 0 .25rem}";

/** A page that needs nothing else: it can be sent, opened and printed anywhere. */
export function htmlHead({ database, subject, searched, notReached }: About): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>What is known about ${text(subject)}</title><style>${style}</style></head><body>` +
    `<h1>What is known about ${text(subject)}</h1><p>Found in ${text(database)}, searched ${text(searched ?? "")}.</p>` +
    listed("Not searched, or kept elsewhere:", notReached)
  );
}

export function htmlEnd(unread: readonly NotReached[]): string {
  return `${listed("Found, and could not be read for this page:", unread)}</body></html>\n`;
}

function listed(title: string, places: readonly NotReached[]): string {
  const items = places.map(({ where, why }) => `<li>${text(where)}: ${text(why)}</li>`);
  return items.length === 0 ? "" : `<p>${title}</p><ul>${items.join("")}</ul>`;
}

export function htmlOf(known: Known): string {
  const title = `${known.table ?? ""} ${known.record ?? ""}`.trim();
  if (known.kind === "row") return `<h2>${text(title)}</h2>${fields(known.values)}`;
  if (known.kind === "act") {
    const { address, connection, program } = known;
    const said = { address, connection, program };
    return `<h2>${text(`${title}: ${known.action} by this person at ${known.at}`)}</h2>${fields(JSON.stringify(said))}`;
  }
  const { at, action, before, after } = known;
  const parts = [
    before === null ? "" : `<p>Before</p>${fields(before)}`,
    after === null ? "" : `<p>After</p>${fields(after)}`,
  ];
  return `<h2>${text(`${title}: ${action} at ${at}`)}</h2>${parts.join("")}`;
}

function fields(values: string): string {
  const rows = membersOf(values).map(
    ([name, value]) => `<tr><th>${text(String(JSON.parse(name)))}</th><td>${text(plain(value))}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function plain(value: string): string {
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
