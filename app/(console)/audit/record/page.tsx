import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { z } from "zod";
import { readerSignal } from "#app/_server/reader.ts";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { readHistory } from "#db/audit/asked.ts";
import { monthsIn } from "#db/audit/cold/contract.ts";
import { is, printQuery } from "#db/audit/contract.ts";
import type { RecordAddress } from "#db/audit/record-history.ts";
import { databaseNames } from "#db/audit/scope.ts";
import { recordWords } from "#db/audit/sentence.ts";
import { Refusal } from "#db/errors.ts";
import { isPerson } from "#db/records/erasure/places.ts";
import { withoutArchive } from "../addresses.ts";
import { ArchiveOffer } from "../cold/archive-offer.tsx";
import { orRefusal } from "../or-refusal.ts";
import { AtTime, Compared } from "./looked-up.tsx";
import { Timeline } from "./timeline.tsx";
import { Versions } from "./versions.tsx";

export const metadata: Metadata = { title: "History of a record" };

const question = z.object({
  database: z.union([z.uuid(), z.literal("console")]),
  schema: z.string().min(1).max(63),
  table: z.string().min(1).max(63),
  key: z.string().min(1).max(2000),
  cursor: z.string().max(2000).optional(),
  /** Two entries, to compare what each left … */
  a: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  b: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  /** … or a time in UTC, as a browser writes it. */
  at: z.iso.datetime({ local: true }).optional(),
  /** Archived months to read besides. */
  archive: z.string().max(2000).optional(),
});

interface RecordProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function RecordScreen({ searchParams }: RecordProps) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const parsed = question.safeParse(params);
  if (!parsed.success) {
    return (
      <Screen above={<Link href="/audit">Audit</Link>} title="History of a record">
        <EmptyState title="No record is named" action={<LinkButton href="/audit">Go to the audit log</LinkButton>}>
          A link here names a database, a schema, a table and a key. Open an entry of the log and follow its record.
        </EmptyState>
      </Screen>
    );
  }
  const { database, schema, table, key, cursor, a, b, at, archive } = parsed.data;
  const months = monthsIn(archive);
  const address: RecordAddress = { database, schema, table, record: key };
  const [history, names, person] = await Promise.all([
    orRefusal(readHistory(actor, address, cursor ?? null, months, await readerSignal()), "unreachable"),
    databaseNames([database]),
    actor.capabilities.has("records.erase") && isPerson({ database, schema, table }),
  ]);
  const named = { database, schema, table, key, ...(months.length > 0 ? { archive: months.join() } : {}) };
  const offer = (
    <Suspense fallback={null}>
      <ArchiveOffer
        actor={actor}
        filter={{ database, q: printQuery([is("schema", schema), is("table", table), is("record", key)]) }}
        what="events of this record"
        months={months}
        without={withoutArchive("/audit/record", params)}
      />
    </Suspense>
  );
  const title = `${table} ${recordWords(key)}`;
  if (history instanceof Refusal) {
    return (
      <Screen above={<Link href="/audit">Audit</Link>} title={title}>
        <FailedState title={history.message}>{history.fix}</FailedState>
        {offer}
      </Screen>
    );
  }
  const older = new URLSearchParams({ ...named, cursor: history.next ?? "" });
  return (
    <Screen
      above={<Link href="/audit">Audit</Link>}
      title={title}
      answer={
        <>
          {counted(history.rows.length, "event")}
          {history.next === null && cursor === undefined ? "" : " on this page"}, newest first, in{" "}
          {history.rows[0]?.databaseName ?? names.get(database) ?? database}.{" "}
          {key.length > 20 ? <Copy text={key} what="record id" keep={40} /> : null}
        </>
      }
      actions={
        person ? (
          <LinkButton href={`/deleted/erasures/new?${new URLSearchParams({ database, schema, table, record: key })}`}>
            Find everything about this person
          </LinkButton>
        ) : null
      }
    >
      <PartialNote silent={history.silent} />
      <Versions address={named} entries={history.rows} asked={{ a, b, at }} />
      {a !== undefined && b !== undefined ? (
        <Compared actor={actor} address={address} months={months} a={a} b={b} />
      ) : null}
      {at === undefined ? null : (
        <AtTime actor={actor} address={address} months={months} at={at.endsWith("Z") ? at : `${at}Z`} />
      )}
      {history.rows.length === 0 ? (
        <EmptyState title="Nothing is recorded about this record">
          It has not changed since its table is audited, no record of {schema}.{table} ever had this key, or its months
          have been archived.
        </EmptyState>
      ) : (
        <Timeline
          entries={history.rows}
          restores={actor.capabilities.has("records.restore") && database !== "console"}
        />
      )}
      {history.next === null ? null : (
        <div>
          <LinkButton href={`/audit/record?${older}`}>Older events</LinkButton>
        </div>
      )}
      {offer}
    </Screen>
  );
}
