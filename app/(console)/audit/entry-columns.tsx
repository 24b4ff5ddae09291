"use client";
import type { ReactNode } from "react";
import type { Column } from "#components/table/column.ts";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { AuditEntry } from "#db/audit/contract.ts";
import { type IsTerm, is, type Term } from "#db/audit/query/contract.ts";
import { ActionMark } from "./action-mark.tsx";

/** A column of the log, and what its cell says as a term of the filter. */
export interface EntryColumn extends Column<AuditEntry> {
  term?: (entry: AuditEntry) => Term | null;
}

const some = (field: IsTerm["field"], value: string | null) => (value === null ? null : is(field, value));

const none = (field: IsTerm["field"]): Term => ({
  op: "is",
  field,
  negated: false,
  values: [{ match: "none", text: "" }],
});

const id = (text: string | null, what: string, keep?: number): ReactNode =>
  text === null ? null : <Copy text={text} what={what} keep={keep} />;

export const entryColumns: EntryColumn[] = [
  {
    id: "sentence",
    header: "What happened",
    narrow: "title",
    cell: (entry) => (
      <span className="flex">
        <ActionMark action={entry.action} />
        <span className="min-w-0">{entry.sentence}</span>
      </span>
    ),
  },
  {
    id: "action",
    header: "Action",
    width: "w-24",
    cell: ({ action }) => action.replaceAll("_", " "),
    term: ({ action }) => is("action", action),
  },
  {
    id: "table",
    header: "Table",
    width: "w-36",
    mono: true,
    cell: ({ table }) => table,
    term: ({ table }) => some("table", table),
  },
  {
    id: "record",
    header: "Record",
    width: "w-52",
    narrow: "hidden",
    cell: ({ record }) => id(record, "record id"),
    term: ({ record }) => some("record", record),
  },
  {
    id: "actor",
    header: "Actor",
    width: "w-44",
    cell: ({ actor }) => actor.name ?? id(actor.id, "actor id") ?? <span className="text-faint">unknown</span>,
    term: ({ actor }) => (actor.id === null ? none("actor") : is("actor", actor.id)),
  },
  {
    id: "tenant",
    header: "Tenant",
    width: "w-40",
    cell: ({ tenant }) => id(tenant, "tenant key", 14),
    term: ({ tenant }) => some("tenant", tenant),
  },
  {
    id: "database",
    header: "Database",
    width: "w-36",
    cell: ({ databaseName }) => databaseName,
    term: ({ database }) => is("database", database),
  },
  {
    id: "changed",
    header: "Changed",
    width: "w-44",
    mono: true,
    cell: ({ changed }) => changed.join(", "),
    term: ({ changed }) => (changed.length === 0 ? null : is("changed", ...changed)),
  },
  { id: "ip", header: "Address", width: "w-36", mono: true, cell: ({ ip }) => ip, term: ({ ip }) => some("ip", ip) },
  {
    id: "request",
    header: "Request",
    width: "w-44",
    cell: ({ request }) => id(request, "request id", 14),
    term: ({ request }) => some("request", request),
  },
  {
    id: "tx",
    header: "Transaction",
    width: "w-32",
    cell: ({ transaction }) => id(transaction, "transaction id"),
    term: ({ transaction }) => is("tx", transaction),
  },
  {
    id: "reason",
    header: "Reason",
    width: "w-44",
    cell: ({ reason }) => reason,
    term: ({ reason }) => some("reason", reason),
  },
  {
    id: "app",
    header: "Application",
    width: "w-36",
    cell: ({ actor }) => actor.application,
    term: ({ actor }) => some("app", actor.application),
  },
  {
    id: "when",
    header: "When",
    width: "w-36",
    narrow: "end",
    cell: ({ at }) => <When at={at} inRow align="end" />,
    term: ({ at }) => ({ op: "range", field: "at", negated: false, from: at.slice(0, 10), to: at.slice(0, 10) }),
  },
];
