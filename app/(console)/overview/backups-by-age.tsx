import Link from "next/link";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { BackupOverview, DatabaseBackups } from "#db/backups/contract.ts";

const columns = [
  { label: "Database" },
  { label: "State" },
  { label: "Size", align: "end" as const },
  { label: "Last good backup", align: "end" as const },
];

const standings: Record<DatabaseBackups["standing"], { kind: StatusKind; word: string }> = {
  good: { kind: "good", word: "younger than a day" },
  old: { kind: "warning", word: "older than a day" },
  none: { kind: "warning", word: "never" },
};

/** The oldest proof first: what could not be brought back stands at the top. */
export function BackupsByAge({ overview }: { overview: BackupOverview }) {
  const oldestFirst = overview.databases.toSorted((one, other) => startOf(one).localeCompare(startOf(other)));
  return (
    <Table label="Backups by age">
      <Head columns={columns} />
      <tbody>
        {oldestFirst.map((database) => {
          const { kind, word } = standings[database.standing];
          return (
            <Row key={database.databaseId}>
              <Cell narrow="title">
                <Link href={`/backups?database=${database.databaseId}`} className="font-medium hover:text-accent">
                  {database.name}
                </Link>{" "}
                <span className="text-faint">{database.serverName}</span>
              </Cell>
              <Cell className="whitespace-nowrap">
                <Status kind={kind}>{word}</Status>
              </Cell>
              <Cell align="end" className="whitespace-nowrap">
                {database.lastGood ? bytes(database.lastGood.bytes) : null}
              </Cell>
              <Cell align="end" narrow="end">
                <When at={database.lastGood?.startedAt} align="end" />
              </Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}

function startOf({ lastGood }: DatabaseBackups): string {
  return lastGood?.startedAt ?? "";
}
