"use client";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { NoMatch, PartialNote } from "#components/feedback/states.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { Button } from "#components/ui/button.tsx";
import type { AuditEntry } from "#db/audit/contract.ts";
import { ActionMark } from "../action-mark.tsx";
import { entryHref } from "../addresses.ts";
import { ColdProgress } from "./cold-progress.tsx";
import { focusAround } from "./focus-around.ts";
import { useCold } from "./use-cold.ts";

/** Searches, shows how far it is, lets it be cancelled, then lists what it found. */
export function ColdResults({ endpoint, offer }: { endpoint: string; offer: string }) {
  const { state, search, cancel } = useCold(endpoint);
  const begin = useRef(search);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => void begin.current(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the button goes when this changes
  useEffect(() => focusAround(root.current), [state.searching]);
  return (
    <div ref={root} className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[80ch] text-muted">{offer}</p>
        {state.searching ? (
          <Button onClick={cancel}>Cancel</Button>
        ) : state.rows.length > 0 || state.searched ? null : (
          <Button onClick={search}>Search archived months</Button>
        )}
      </div>
      {state.searching ? <ColdProgress progress={state.progress} /> : null}
      {state.failure ? <RefusalNote failure={state.failure} /> : null}
      <PartialNote silent={state.silent} />
      {state.rows.length > 0 ? <Found rows={state.rows} /> : null}
      {state.searched && !state.searching && state.rows.length === 0 && !state.failure ? (
        <NoMatch title="No archived entry matches" />
      ) : null}
      {state.next && !state.searching ? (
        <div>
          <Button onClick={search}>Search on, before {state.reached}</Button>
        </div>
      ) : null}
    </div>
  );
}

const head = [{ label: "What happened" }, { label: "Tenant" }, { label: "Database" }, { label: "When" }];

function Found({ rows }: { rows: AuditEntry[] }) {
  return (
    <Table label="Archived entries">
      <Head columns={head} />
      <tbody>
        {rows.map((entry) => (
          <Row key={`${entry.database} ${entry.id}`}>
            <Cell narrow="title">
              <ActionMark action={entry.action} />
              <Link href={entryHref(entry)}>{entry.sentence}</Link>
            </Cell>
            <Cell narrow="meta">{entry.tenant}</Cell>
            <Cell narrow="meta">{entry.databaseName}</Cell>
            <Cell narrow="end">
              <When at={entry.at} align="end" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
