import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { confirmModel } from "./confirm.ts";
import { confirmModelForm, databaseModel } from "./contract.ts";
import { type ModelToEdit, modelToEdit } from "./merge-model.ts";
import { adopt, foreignDatabase } from "./testing/fleet.ts";

let ada: Actor;
let ben: Actor;

beforeAll(async () => {
  await freshControl();
  ada = (await person("administrator")).actor;
  ben = (await person("administrator")).actor;
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

test("of two people who correct a model at once, the second is told, and the first one's masks stay", async () => {
  const { databaseId } = await foreignDatabase("CREATE TABLE notes (id int PRIMARY KEY, body text)");
  await adopt(ada, databaseId);
  const sent = ({ basis, ...shown }: ModelToEdit, maskedColumns: string[]) => {
    const { tables, ...model } = databaseModel.parse(shown);
    const corrected = { ...model, tables: tables.map((table) => ({ ...table, maskedColumns })) };
    return confirmModelForm.parse({ databaseId, basis, model: JSON.stringify(corrected) });
  };
  const [first, second] = [await modelToEdit(ada, databaseId), await modelToEdit(ben, databaseId)];
  await confirmModel(ada, sent(first, ["body"]));
  await expect(confirmModel(ben, sent(second, []))).rejects.toMatchObject({ code: "conflict" });
  const now = await modelToEdit(ben, databaseId);
  expect(now.tables[0]?.maskedColumns).toEqual(["body"]);
  await confirmModel(ben, sent(now, []));
});

test("a form that does not say which model it corrects is not taken", () => {
  expect(() => confirmModelForm.parse({ databaseId: crypto.randomUUID(), model: "{}" })).toThrow(/basis/);
});
