import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { MonthView } from "#db/audit/retention/contract.ts";
import { waitWords } from "#db/audit/stream/waiting.ts";
import { StartJob } from "../../jobs/start-job.tsx";
import { monthHref } from "../addresses.ts";
import { archiveMonth, returnMonth } from "./actions.ts";
import { stateWords } from "./words.ts";

const columns = [
  { label: "Month", width: "w-28" },
  { label: "Where", width: "w-56" },
  { label: "Entries", align: "end" as const, width: "w-32" },
  { label: "Size", align: "end" as const, width: "w-28" },
  { label: "Verified" },
  { label: "Actions", hidden: true, width: "w-44" },
];

interface MonthTableProps {
  name: string;
  months: MonthView[];
  mayManage: boolean;
  /** The database is managed no more, so that no month can come back. */
  left: boolean;
}

/** One row a month, wherever its entries are. */
export function MonthTable({ name, months, mayManage, left }: MonthTableProps) {
  return (
    <Table label={`Months of ${name}`}>
      <Head columns={columns} />
      <tbody>
        {months.map((month) => (
          <MonthRow key={month.month} name={name} month={month} mayManage={mayManage} left={left} />
        ))}
      </tbody>
    </Table>
  );
}

interface MonthRowProps extends Omit<MonthTableProps, "months"> {
  month: MonthView;
}

function MonthRow({ name, month, mayManage, left }: MonthRowProps) {
  const { kind, word } = stateWords[month.state];
  const estimated = month.state === "hot" || month.state === "due";
  return (
    <Row>
      <Cell narrow="title" mono>
        {month.sha256 ? (
          <Link href={monthHref(month.databaseId, month.month)} className="text-accent">
            {month.month}
          </Link>
        ) : (
          month.month
        )}
      </Cell>
      <Cell narrow="end">
        {month.jobId ? (
          <Link href={`/jobs/${month.jobId}`}>
            <Status kind={kind}>{word}</Status>
          </Link>
        ) : (
          <Status kind={kind}>{word}</Status>
        )}
        {month.waitsFor.length > 0 ? (
          <Link href="/audit/streams" className="block text-accent">
            {waitWords(month.waitsFor)}
          </Link>
        ) : null}
      </Cell>
      <Cell align="end" narrow="meta">
        {entriesWords(month.rows, estimated)}
        <span className="sm:hidden"> entries</span>
      </Cell>
      <Cell align="end" narrow="meta">
        {bytes(month.bytes)}
      </Cell>
      <Cell>{month.storedAt && !estimated ? <When at={month.storedAt} inRow /> : null}</Cell>
      <Cell align="end">{mayManage ? <Act name={name} month={month} left={left} /> : null}</Cell>
    </Row>
  );
}

/** PostgreSQL's own estimate says nothing of a partition that it has not counted yet. */
function entriesWords(rows: string, estimated: boolean): string {
  if (!estimated) return count(rows);
  return rows === "0" ? "uncounted" : `about ${count(rows)}`;
}

function Act({ name, month: view, left }: Omit<MonthRowProps, "mayManage">) {
  const { databaseId, month, state, expirable, waitsFor } = view;
  const input = { databaseId, month };
  if (state === "due") {
    if (waitsFor.length > 0) return null;
    return (
      <StartJob small action={archiveMonth} input={input}>
        Archive {month} <span className="sr-only">of {name}</span>
      </StartJob>
    );
  }
  if (state !== "cold") return null;
  return (
    <span className="inline-flex items-center gap-3 whitespace-nowrap">
      {expirable ? (
        <Link href={monthHref(databaseId, month)} className="text-accent">
          Expired entries
        </Link>
      ) : null}
      {left ? null : (
        <StartJob small action={returnMonth} input={input}>
          Bring {month} back <span className="sr-only">of {name}</span>
        </StartJob>
      )}
    </span>
  );
}
