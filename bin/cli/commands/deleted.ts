import { type UnrecordedDeletion, unrecordedQuery } from "#db/records/bin/contract.ts";
import { listDeleted } from "#db/records/bin/rows.ts";
import { listUnrecorded } from "#db/records/bin/unrecorded.ts";
import { type DeletedRow, deletedQuery } from "#db/records/contract.ts";
import { type Command, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { silentLine } from "../silent.ts";
import { moreLine, table } from "../table.ts";

const list: Command = {
  name: "deleted list",
  usage:
    "[--database NAME] [--tenant KEY] [--schema NAME] [--table NAME] [--actor ID] [--record KEY] [--kind hard|soft] [--from TIME] [--to TIME] [--cursor CURSOR]",
  summary: "List rows that were deleted and are not live again, newest first",
  options: {
    database: { type: "string" },
    tenant: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    actor: { type: "string" },
    record: { type: "string" },
    kind: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    cursor: { type: "string" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const { cursor, ...filter } = parse(deletedQuery, {
      ...input.options,
      database: database && (await findDatabaseId(actor, database)),
    });
    const page = await listDeleted(actor, filter, cursor ?? null);
    const shown = table(
      [
        { title: "at", value: (row: DeletedRow) => row.at },
        { title: "database", value: (row) => row.databaseName },
        { title: "table", value: (row) => `${row.schema}.${row.table}` },
        { title: "record", value: (row) => row.record },
        { title: "label", value: (row) => row.label },
        { title: "by", value: (row) => row.actor?.name ?? row.actor?.id ?? null },
        { title: "entry", value: (row) => row.entry },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${silentLine(page.silent)}${moreLine(page.next)}` };
  },
};

const unrecorded: Command = {
  name: "deleted unrecorded",
  usage: "[--database NAME] [--schema NAME] [--table NAME] [--cursor CURSOR]",
  summary: "List how many rows went from tables that were not recorded, and which backup still holds them",
  options: {
    database: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
    cursor: { type: "string" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const { cursor, ...filter } = parse(unrecordedQuery, {
      ...input.options,
      database: database && (await findDatabaseId(actor, database)),
    });
    const page = await listUnrecorded(actor, filter, cursor ?? null);
    const shown = table(
      [
        { title: "database", value: (row: UnrecordedDeletion) => row.databaseName },
        { title: "table", value: (row) => `${row.schema}.${row.table}` },
        { title: "rows", value: (row) => `${row.beganAnew ? "about" : "up to"} ${row.rows}` },
        { title: "since", value: (row) => row.since },
        { title: "until", value: (row) => row.until },
        { title: "backup", value: (row) => row.backup?.startedAt ?? "none" },
        { title: "holds", value: (row) => row.backup && (row.backup.older ? "all from before" : "what went after it") },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${moreLine(page.next)}` };
  },
};

export const deletedCommands: Command[] = [list, unrecorded];
