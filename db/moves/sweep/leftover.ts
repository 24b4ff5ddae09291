import { createHash } from "node:crypto";
import type { Statement } from "../../managed/statement.ts";
import type { Leftover } from "./contract.ts";
import type { Known, KnownTenant } from "./known.ts";
import type { Survey } from "./survey.ts";

/** A database that was surveyed. */
export interface Looked {
  databaseId: string;
  databaseName: string;
  serverId: string;
  serverName: string;
  /** The database that lists its tenants: itself, unless it is a tenant's own. */
  home: string;
  survey: Survey;
  known: Known;
}

/** A leftover as its judge has it. Any doubt keeps it from being removed. */
export interface Draft extends Pick<Leftover, "kind" | "name" | "moveId" | "parts" | "rows" | "bytes" | "why"> {
  tenant: KnownTenant | null;
  doubts: string[];
  statements: Statement[];
}

export function leftoverOf(
  { databaseId, databaseName, serverName }: Pick<Looked, "databaseId" | "databaseName" | "serverName">,
  { tenant, doubts, statements, ...draft }: Draft,
): Leftover {
  const certain = doubts.length === 0;
  const left: Omit<Leftover, "hash"> = {
    ...draft,
    id: `${draft.kind}:${databaseId}:${draft.name}`,
    databaseId,
    databaseName,
    serverName,
    tenant: tenant && { id: tenant.id, name: tenant.name },
    certain,
    why: certain ? draft.why : doubts.join(" "),
    // What is not certain is removed by no statement of ours.
    statements: certain ? statements.map(({ transactional: _, ...shown }) => shown) : [],
  };
  return { ...left, hash: digest([left.id, left.parts, left.statements.map(({ sql }) => sql)]) };
}

/** Of any number of leftovers, in whichever order they come. */
export function hashOfAll(leftovers: readonly Pick<Leftover, "hash">[]): string {
  const [only] = leftovers;
  return only && leftovers.length === 1 ? only.hash : digest(leftovers.map(({ hash }) => hash).toSorted());
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(["moves.sweep", value]))
    .digest("hex");
}
