import Link from "next/link";
import { bytes, count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { GoneBackups } from "#db/backups/contract.ts";
import { keptWords } from "./words.ts";

const columns = [
  { label: "Database" },
  { label: "Backups", align: "end" as const, width: "w-24" },
  { label: "Size", align: "end" as const, width: "w-24" },
  { label: "The newest began", width: "w-56" },
  { label: "Kept", width: "w-44" },
];

/** One row a database that left the fleet, with what is kept of it. */
export function GoneTable({ databases }: { databases: GoneBackups[] }) {
  return (
    <Table label="Backups of databases that left the fleet">
      <Head columns={columns} />
      <tbody>
        {databases.map(({ databaseId, name, keepDays, backups, bytes: size, newest }) => (
          <Row key={databaseId}>
            <Cell narrow="title">
              <Link href={`/backups?database=${databaseId}`}>{name}</Link>
            </Cell>
            <Cell align="end">{count(backups)}</Cell>
            <Cell align="end">{bytes(size)}</Cell>
            <Cell>
              <Link href={`/backups/${newest.id}`}>
                <When at={newest.startedAt} inRow />
              </Link>
            </Cell>
            <Cell>
              <Link className="text-accent" href={`/backups/keep?databaseId=${databaseId}`}>
                {keptWords(keepDays)}
              </Link>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
