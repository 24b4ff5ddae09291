import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { bytes, counted } from "#components/numbers/format.ts";
import { Code } from "#components/ui/code.tsx";
import { type Leftover, type LeftoverKind, sweepSubject } from "#db/moves/sweep/contract.ts";
import { RemoveLeftovers } from "./remove-leftovers.tsx";

const kindWords: Record<LeftoverKind, string> = {
  fences: "triggers, policies and notes of a move",
  schema: "a tenant's own schema",
  database: "a tenant's own database",
  capture: "the log's code for tables that are gone",
  record: "a place in the console's books",
  rows: "rows in the shared tables",
};

export function LeftoverList({ leftovers, may }: { leftovers: readonly Leftover[]; may: boolean }) {
  return (
    <ul className="grid">
      {leftovers.map((leftover) => (
        <LeftoverView key={leftover.id} leftover={leftover} may={may} />
      ))}
    </ul>
  );
}

/** The button that removes some of them, with what it has to say about them. */
export function Removal({
  leftovers,
  planHash,
  small,
}: {
  leftovers: readonly Leftover[];
  planHash: string;
  small?: boolean;
}) {
  return (
    <RemoveLeftovers
      subject={sweepSubject(leftovers)}
      ids={leftovers.map(({ id }) => id)}
      rows={leftovers.reduce((sum, one) => sum + one.rows, 0)}
      statements={leftovers.reduce((sum, one) => sum + one.statements.length, 0)}
      planHash={planHash}
      small={small}
    />
  );
}

function LeftoverView({ leftover, may }: { leftover: Leftover; may: boolean }) {
  const { kind, name, databaseName, serverName, tenant, moveId, rows, certain, why, parts, statements } = leftover;
  return (
    <li className="grid gap-1.5 border-line border-t py-3 first:border-t-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <h3 className="min-w-0 font-medium [overflow-wrap:anywhere]">
          <Status kind={certain ? "neutral" : "warning"}>
            <span className="font-mono">{name}</span>: {kindWords[kind]}
          </Status>
        </h3>
        {may ? <Removal leftovers={[leftover]} planHash={leftover.hash} small /> : null}
      </div>
      <p className="text-muted [overflow-wrap:anywhere]">
        In {databaseName} on {serverName}
        {rows > 0 || leftover.bytes > 0 ? `, ${counted(rows, "row")}, ${bytes(leftover.bytes)}` : ""}
        {tenant ? (
          <>
            ; tenant <Link href={`/tenants/${tenant.id}`}>{tenant.name}</Link>
          </>
        ) : null}
        {moveId ? (
          <>
            ; <Link href={`/tenants/moves/${moveId}`}>its move</Link>
          </>
        ) : null}
      </p>
      <p className="max-w-[90ch] [overflow-wrap:anywhere]">{why}</p>
      {parts.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-muted">{counted(parts.length, "part")}</summary>
          <ul className="mt-1 grid gap-0.5 font-mono text-xs [overflow-wrap:anywhere]">
            {parts.map((part) => (
              <li key={part}>{part}</li>
            ))}
          </ul>
        </details>
      ) : null}
      {statements.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-muted">
            {counted(statements.length, "statement")} to remove it
          </summary>
          <div className="mt-1">
            <Code text={statements.map(({ sql }) => `${sql};`).join("\n")} what="statements" />
          </div>
        </details>
      ) : null}
    </li>
  );
}
