import { readerSignal } from "#app/_server/reader.ts";
import { PartialNote } from "#components/feedback/states.tsx";
import type { Actor } from "#db/actor.ts";
import { readAudit } from "#db/audit/asked.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import { Refusal } from "#db/errors.ts";
import { EntryList } from "./entry-list.tsx";
import { NewerPill } from "./newer-pill.tsx";
import { Nothing } from "./nothing.tsx";
import { orRefusal } from "./or-refusal.ts";
import { TooBroad } from "./too-broad.tsx";

interface EntriesProps {
  actor: Actor;
  filter: AuditFilter;
  columns: readonly string[];
  /** What the address holds beside the query. */
  kept: string;
}

/** The list of a filter, or why there is none. The questions stop when the reader goes elsewhere. */
export async function Entries({ actor, filter, columns, kept }: EntriesProps) {
  const page = await orRefusal(readAudit(actor, filter, null, await readerSignal()), "too_broad");
  if (page instanceof Refusal) return <TooBroad path="/audit" filter={filter} refusal={page} />;
  const query = filterQuery(filter);
  const [top] = page.rows;
  return (
    <>
      <PartialNote silent={page.rows.length > 0 ? page.silent : []} />
      {top ? <NewerPill query={query} at={top.at} id={top.id} told={page.silent.map(({ name }) => name)} /> : null}
      <EntryList
        rows={page.rows}
        next={page.next}
        endpoint={`/api/audit${query && `?${query}`}`}
        columns={columns}
        q={filter.q ?? ""}
        kept={kept}
        empty={
          page.rows.length === 0 ? <Nothing path="/audit" actor={actor} filter={filter} silent={page.silent} /> : null
        }
      />
    </>
  );
}
