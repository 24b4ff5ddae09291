import Link from "next/link";
import { settle } from "#app/_server/settle.ts";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Actor } from "#db/actor.ts";
import { coverageSentence, troubled, unclassifiedCount } from "#db/audit/coverage/sentence.ts";
import { readCoverage } from "#db/databases/coverage/tables.ts";
import { coverageHref } from "./words.ts";

interface FleetCoverageProps {
  actor: Actor;
  databases: { id: string; name: string }[];
}

/** One line a database. One that does not answer says so, and the others stand all the same. */
export async function FleetCoverage({ actor, databases }: FleetCoverageProps) {
  const rows = await Promise.all(
    databases.map(async (database) => ({ database, ...(await lineOf(actor, database.id)) })),
  );
  return (
    <Table label="Coverage by database">
      <Head
        columns={[
          { label: "Database" },
          { label: "State" },
          { label: "What is recorded" },
          { label: "Unclassified columns", align: "end" },
        ]}
      />
      <tbody>
        {rows.map(({ database, kind, word, sentence, unclassified }) => (
          <Row key={database.id}>
            <Cell narrow="title">
              <Link href={coverageHref(database.id)}>{database.name}</Link>
            </Cell>
            <Cell narrow="end">
              <Status kind={kind}>{word}</Status>
            </Cell>
            <Cell narrow="meta" className="whitespace-normal">
              {sentence}
            </Cell>
            <Cell narrow="hidden" align="end">
              {unclassified === null ? "" : count(unclassified)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

interface Line {
  kind: StatusKind;
  word: string;
  sentence: string;
  unclassified: number | null;
}

async function lineOf(actor: Actor, databaseId: string): Promise<Line> {
  const read = await settle(readCoverage(actor, databaseId), "/audit/coverage");
  if (!read.ok) return { kind: "unknown", word: "no answer", sentence: read.message, unclassified: null };
  const tables = read.data;
  const worst = troubled(tables).some(({ state }) => state === "off" || state === "missing") ? "critical" : "warning";
  const kind = troubled(tables).length === 0 ? "good" : worst;
  const word = { good: "covered", warning: "to decide", critical: "not covered" }[kind];
  return { kind, word, sentence: coverageSentence(tables), unclassified: unclassifiedCount(tables) };
}
