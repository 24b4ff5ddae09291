import { randomUUID } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { askAll } from "../../fleet.ts";
import { enqueueWith } from "../../jobs/enqueue.ts";
import { auditExports } from "../../schema/exports.ts";
import { limits } from "../../transaction.ts";
import { coldMonths } from "../cold/months.ts";
import { askedNow } from "../query/asked.ts";
import { recordEvent } from "../record-event.ts";
import { type ExportEstimate, type ExportRequest, exportColumns } from "./contract.ts";
import { filterOf } from "./filter.ts";
import { matchingSql, plannedRows } from "./fix-set.ts";

/** Asks for an export of what the filter shows. There is no limit of rows. Answers the job's id, which is also the export's. */
export async function requestExport(actor: Actor, request: ExportRequest): Promise<{ jobId: string }> {
  authorise(actor, "audit.export");
  if (request.withProofs) await requireProvable(actor, request);
  const { rows: estimate } = await estimateExport(actor, request.query);
  const { format, columns, zone, query, keepDays, withProofs } = request;
  const withNdjson = format === "csv" && request.withNdjson;
  const id = randomUUID();
  await inControl(actor, async (tx, client) => {
    await enqueueWith(client, actor, {
      id,
      kind: "audit.export",
      title: `Export of the audit log as ${format === "ndjson" || format === "csv" || format === "ocsf" ? format.toUpperCase() : "Parquet"}${withNdjson ? " with NDJSON beside it" : ""}${withProofs ? " with proofs" : ""}`,
      input: { exportId: id, withNdjson, withProofs },
    });
    await tx.insert(auditExports).values({
      id,
      format,
      columns,
      zone,
      query,
      keepDays,
      estimate: BigInt(estimate),
      staffId: actor.staffId,
      actorName: actor.name,
    });
    await recordEvent(client, {
      action: "export-requested",
      resourceType: "audit_exports",
      resourceId: id,
      metadata: {
        format,
        query,
        columns,
        zone,
        estimate,
        ...(withNdjson && { withNdjson }),
        ...(withProofs && { withProofs }),
      },
    });
  });
  return { jobId: id };
}

/** @throws Refusal `invalid` when its lines are not those that were sealed, or the tree of some went with their database. */
async function requireProvable(actor: Actor, { format, columns, query }: ExportRequest): Promise<void> {
  authorise(actor, "audit.verify");
  if (format !== "ndjson" || columns.length !== exportColumns.length) {
    throw new Refusal("invalid", "Proofs are made of NDJSON with every column.", {
      fix: "Choose NDJSON and every column, or leave the proofs out.",
    });
  }
  const left = (await coldMonths(filterOf(query))).find(({ database }) => database.left)?.database;
  if (!left) return;
  throw new Refusal("invalid", `Nothing of ${left.name} can be proven any more: its tree went with the database.`, {
    fix: `Leave the proofs out, or that database: -database:${left.id}`,
  });
}

/**
 * How many entries each database's planner expects, and all of the archived months that the filter can touch. Databases that do
 * not answer are named.
 */
export async function estimateExport(actor: Actor, query: string): Promise<ExportEstimate> {
  authorise(actor, "audit.export");
  const filter = filterOf(query);
  const asked = new Map((await askedNow(filter)).map((database) => [database.id, database]));
  const [{ answers, silent }, cold] = await Promise.all([
    askAll(
      [...asked.keys()],
      async (client, id) => {
        const database = asked.get(id);
        return database ? Math.round(await plannedRows(client, await matchingSql(client, database))) : 0;
      },
      limits.page.statement,
    ),
    coldMonths(filter),
  ]);
  const archivedOf = (id: string) =>
    cold.reduce((sum, { archive }) => (archive.databaseId === id ? sum + Number(archive.rows) : sum), 0);
  const left = new Map(cold.flatMap(({ database: one }) => (one.left ? [[one.id, one.name] as const] : [])));
  const databases = [
    ...answers.map(({ databaseId: id, value }) => {
      return { id, name: asked.get(id)?.name ?? id, rows: value, archived: archivedOf(id) };
    }),
    ...[...left].map(([id, name]) => ({ id, name, rows: 0, archived: archivedOf(id) })),
  ];
  const rows = databases.reduce((sum, database) => sum + database.rows + database.archived, 0);
  return { rows, databases, silent };
}
