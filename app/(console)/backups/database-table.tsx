import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { bytes } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { BackupView, DatabaseBackups } from "#db/backups/contract.ts";
import { StartJob } from "../jobs/start-job.tsx";
import { runBackup } from "./actions.ts";
import { keptWords, standingOf } from "./words.ts";

const columns = [
  { label: "Database" },
  { label: "Last good backup", width: "w-56" },
  { label: "Began", width: "w-32" },
  { label: "Size", align: "end" as const, width: "w-24" },
  { label: "Checksum", width: "w-40" },
  { label: "Kept", width: "w-44" },
  { label: "Last attempt" },
  { label: "Actions", hidden: true, width: "w-40" },
];

/** One row a database, with what it could be restored from today. */
export function DatabaseTable({ databases, mayRun }: { databases: DatabaseBackups[]; mayRun: boolean }) {
  return (
    <Table label="Backups by database">
      <Head columns={columns} />
      <tbody>
        {databases.map((database) => (
          <DatabaseRow key={database.databaseId} database={database} mayRun={mayRun} />
        ))}
      </tbody>
    </Table>
  );
}

function DatabaseRow({ database, mayRun }: { database: DatabaseBackups; mayRun: boolean }) {
  const { databaseId, name, serverName, keepDays, lastGood, lastAttempt, obstacle } = database;
  const { kind, word } = standingOf(database);
  const running = lastAttempt?.state === "running";
  return (
    <Row>
      <Cell narrow="title">
        <span className="font-medium">{name}</span> <span className="text-muted">{serverName}</span>
      </Cell>
      <Cell narrow="end">
        <Status kind={kind}>{word}</Status>
      </Cell>
      <Cell>{lastGood ? <BackupLink backup={lastGood} /> : null}</Cell>
      <Cell align="end">{lastGood ? bytes(lastGood.bytes) : null}</Cell>
      <Cell>{lastGood ? <Verified backup={lastGood} /> : null}</Cell>
      <Cell>
        <Link className="text-accent" href={`/backups/keep?databaseId=${databaseId}`}>
          {keptWords(keepDays)}
        </Link>
      </Cell>
      <Cell>{lastAttempt ? <Attempt backup={lastAttempt} /> : null}</Cell>
      <Cell align="end">
        {mayRun ? (
          <StartJob small action={runBackup} input={{ databaseId }} disabled={running || obstacle !== null}>
            Back up {name}
          </StartJob>
        ) : null}
      </Cell>
    </Row>
  );
}

function BackupLink({ backup }: { backup: BackupView }) {
  return (
    <Link href={`/backups/${backup.id}`}>
      <When at={backup.startedAt} inRow />
    </Link>
  );
}

function Verified({ backup }: { backup: BackupView }) {
  if (!backup.verifiedAt) return <Status kind="unknown">not read again</Status>;
  return (
    <Status kind="good">
      verified <When at={backup.verifiedAt} />
    </Status>
  );
}

function Attempt({ backup }: { backup: BackupView }) {
  const href = backup.jobId ? `/jobs/${backup.jobId}` : `/backups/${backup.id}`;
  if (backup.state === "running") {
    return (
      <Link href={href}>
        <Status kind="neutral">running</Status>
      </Link>
    );
  }
  return (
    <span>
      <Link href={href}>
        <Status kind="critical">{backup.state}</Status>
      </Link>{" "}
      <When at={backup.startedAt} />
    </span>
  );
}
