import type pg from "pg";
import type { Column, TableShape } from "../table-shape.ts";
import type { Choices, RestoreField } from "./contract.ts";
import { type Fit, fitImage } from "./image-fit.ts";
import { choicesFor, type Problem } from "./problems.ts";

/** How a row image meets the table's present columns. */
export interface ImageFields {
  fields: RestoreField[];
  problems: Problem[];
  /** Columns that hold the image's own value, before any choice. */
  fitting: string[];
}

const maskedValue = /^"masked:[0-9a-f]{32}"$/;
const cappedValue = /^"capped:[0-9a-f]{64}:(\d+)"$/;

/** Why the log does not hold the value itself; null where it does. */
function withheld(name: string, value: string | undefined): { code: "masked" | "capped"; message: string } | null {
  if (value === undefined) return null;
  if (maskedValue.test(value)) {
    return {
      code: "masked",
      message: `${name} is masked in the audit log, so its value is not known and cannot come back.`,
    };
  }
  const bytes = cappedValue.exec(value)?.[1];
  if (bytes === undefined) return null;
  return {
    code: "capped",
    message: `${name} had ${bytes} bytes. Of so large a value the audit log keeps the hash only, so it cannot come back.`,
  };
}

/** Goes through the image field by field, then through what the table wants beyond it. */
export async function imageFields(
  client: pg.PoolClient,
  table: TableShape,
  image: ReadonlyMap<string, string>,
  json: string,
  choices: Choices,
): Promise<ImageFields> {
  const stored = table.columns.filter(({ generated }) => !generated);
  const offered = stored.filter(({ name }) => image.has(name) && withheld(name, image.get(name)) === null);
  const fit = await fitImage(client, table, json, offered);
  const problems = [
    ...[...image.keys()].flatMap((name) =>
      fieldProblem(
        name,
        table.columns.find((column) => column.name === name),
        image,
        fit,
      ),
    ),
    ...stored.filter(({ name }) => !image.has(name)).flatMap(requiredProblem),
  ];
  const fields = [
    ...table.columns.map((column) => toField(column, image, fit, choices)),
    ...[...image].filter(([name]) => !table.columns.some((column) => column.name === name)).map(goneField),
  ];
  return { fields, problems, fitting: [...fit.values.keys()] };
}

function fieldProblem(
  name: string,
  column: Column | undefined,
  image: ReadonlyMap<string, string>,
  fit: Fit,
): Problem[] {
  const about = { columns: [name], choices: choicesFor(column), about: null };
  if (!column) return [{ code: "column_gone", message: `The table has no column ${name} any more.`, ...about }];
  if (column.generated) return [];
  const kept = withheld(name, image.get(name));
  if (kept !== null) return [{ ...kept, ...about }];
  const misfit = fit.misfits.get(name);
  if (misfit === undefined) return [];
  return [{ code: "type_changed", message: `${name} is ${column.type} now: ${misfit}.`, ...about }];
}

function requiredProblem({ name, nullable, hasDefault, identity }: Column): Problem[] {
  if (nullable || hasDefault || identity) return [];
  const message = `${name} was added since, must have a value and has no default.`;
  return [{ code: "required", message, columns: [name], choices: [], about: null }];
}

function toField(column: Column, image: ReadonlyMap<string, string>, fit: Fit, choices: Choices): RestoreField {
  const { name, type, generated } = column;
  const was = image.get(name) ?? null;
  if (generated) return { name, type, was, will: null, note: "The database computes it." };
  const choice = choices[name];
  if (choice === "null") return { name, type, was, will: "null", note: "Left empty by choice." };
  if (choice === "skip") return { name, type, was, will: null, note: "Set to the column's default by choice." };
  if (was === null) return { name, type, was, will: null, note: "Added since; takes its default." };
  return {
    name,
    type,
    was,
    will: fit.values.get(name) ?? null,
    note: fit.values.has(name) ? null : "Does not fit; see above.",
  };
}

function goneField([name, was]: [string, string]): RestoreField {
  return { name, type: "", was, will: null, note: "The column is gone; the value stays in the audit log." };
}
