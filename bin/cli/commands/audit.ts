import { readAudit } from "#db/audit/asked.ts";
import { type AuditEntry, auditQuery } from "#db/audit/contract.ts";
import { type Command, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { silentLine } from "../silent.ts";
import { moreLine, table } from "../table.ts";
import { coverage } from "./audit-coverage.ts";
import { exportLog } from "./audit-export.ts";
import { placeCommands } from "./audit-places.ts";
import { proofCommands } from "./audit-proof.ts";
import { streamCommands } from "./audit-streams.ts";
import { who } from "./audit-who.ts";

const search: Command = {
  name: "audit search",
  usage:
    "[QUERY] [--database NAME|console] [--tenant KEY] [--actor ID] [--action NAME[,NAME]] [--schema NAME] [--table NAME] [--record KEY] [--from TIME] [--to TIME] [--request ID] [--transaction ID] [--cursor CURSOR]",
  summary: "Search the audit log, newest first",
  options: {
    database: { type: "string" },
    tenant: { type: "string" },
    actor: { type: "string" },
    action: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    record: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    request: { type: "string" },
    transaction: { type: "string" },
    cursor: { type: "string" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const { cursor, ...filter } = parse(auditQuery, {
      ...input.options,
      q: input.positionals.length > 0 ? input.positionals.join(" ") : undefined,
      database: database === undefined || database === "console" ? database : await findDatabaseId(actor, database),
    });
    const page = await readAudit(actor, filter, cursor);
    const shown = table(
      [
        { title: "at", value: (row: AuditEntry) => row.at },
        { title: "database", value: (row) => row.databaseName },
        { title: "what", value: (row) => row.sentence },
        { title: "entry", value: (row) => row.id },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${silentLine(page.silent)}${moreLine(page.next)}` };
  },
};

export const auditCommands: Command[] = [
  ...[search, who, coverage, exportLog],
  ...[...proofCommands, ...placeCommands, ...streamCommands],
];
