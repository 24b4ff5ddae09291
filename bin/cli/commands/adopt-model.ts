import { confirmModel } from "#db/databases/confirm.ts";
import { confirmModelInput, type DatabaseModel, modelFile } from "#db/databases/contract.ts";
import { modelToEdit } from "#db/databases/merge-model.ts";
import { Refusal } from "#db/errors.ts";
import { type Command, flag, only, parse, readNamedFile, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { facts, table } from "../table.ts";

export const adoptModel: Command = {
  name: "adopt model",
  usage: "DATABASE [--anew] [--tenants SCHEMA.TABLE | --file MODEL.json] [--confirm]",
  summary:
    "Show what each table is by the confirmed model, and what new ones seem to be; with --confirm, record that it is so",
  options: {
    anew: { type: "boolean" },
    tenants: { type: "string" },
    file: { type: "string" },
    confirm: { type: "boolean" },
  },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "a database"));
    const file = text(input, "file");
    const tenants = text(input, "tenants");
    const anew = flag(input, "anew");
    const declared = tenants ? { anew, tenantsTable: splitName(tenants) } : { anew };
    const read =
      file === undefined ? await modelToEdit(actor, databaseId, declared) : asJson(await readNamedFile(file));
    const { basis, ...model } = parse(modelFile, read);
    if (flag(input, "confirm")) await confirmModel(actor, parse(confirmModelInput, { databaseId, model, basis }));
    const next = flag(input, "confirm")
      ? `Confirmed. Next: caretaker adopt plan ${databaseId}`
      : "Nothing is confirmed yet: save --json to a file, correct it, and give it back with --file and --confirm.";
    return { json: { ...model, basis }, text: `${modelText(model)}\n\n${next}` };
  },
};

function modelText(model: DatabaseModel): string {
  const { tenantsTable, usersTable, applicationRole } = model;
  const named = (one: { schema: string; table: string } | null) => (one ? `${one.schema}.${one.table}` : null);
  const head = facts([
    ["tenants table", named(tenantsTable)],
    ["users table", named(usersTable)],
    ["application role", applicationRole],
  ]);
  const tables = table(
    [
      { title: "table", value: (row: DatabaseModel["tables"][number]) => `${row.schema}.${row.name}` },
      { title: "class", value: (row) => row.class },
      { title: "audited", value: (row) => (row.audited ? "yes" : "no") },
      { title: "why", value: (row) => row.reason },
    ],
    model.tables,
  );
  return `${head}\n\n${tables}`;
}

function splitName(name: string): { schema: string; table: string } {
  const at = name.indexOf(".");
  return at < 0 ? { schema: "public", table: name } : { schema: name.slice(0, at), table: name.slice(at + 1) };
}

function asJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new Refusal("invalid", "The model's file is not JSON.", {
      fix: "Save it from adopt model --json.",
      cause: error,
    });
  }
}
