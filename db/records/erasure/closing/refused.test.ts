import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, control, controlPool } from "../../../control.ts";
import { closeFleet } from "../../../fleet.ts";
import { closedDatabases } from "../../../schema/erasures.ts";
import { freshControl } from "../../../testing/databases.ts";
import { person } from "../../../testing/people.ts";
import {
  app,
  asApplication,
  database,
  forgetClosings,
  onServer,
  owner,
  type Restorable,
  reason,
  restorable,
} from "../testing/restored.ts";
import { closeDatabase } from "./close.ts";
import { openDatabase } from "./open.ts";

let there: Restorable;

beforeAll(async () => {
  await freshControl();
  there = await restorable();
});
beforeEach(forgetClosings);
afterAll(async () => {
  await closeFleet();
  await closeControl();
});

describe("a database that can not be closed", () => {
  const refused = () => closeDatabase(there.admin.actor, { database: there.db.id, reason });
  const setRole = (role: string) =>
    controlPool().query("UPDATE databases SET application_role = $2 WHERE id = $1", [there.db.id, role]);

  test("is named, nothing is taken, and erasures are applied where the application is kept out otherwise", async () => {
    await there.restore();
    await setRole(owner);
    await expect(refused()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("own role"),
    });
    expect(await there.due()).toMatchObject([{ closed: null, admits: expect.arrayContaining([app]) }]);
    await setRole(app);
    await onServer(`GRANT ${owner} TO ${app}`);
    await expect(refused()).rejects.toMatchObject({ message: expect.stringContaining(`${app} would still come in`) });
    await expect(there.replay()).rejects.toMatchObject({ code: "unsupported" });
    await controlPool().query("UPDATE jobs SET state = 'failed', finished_at = now() WHERE state = 'queued'");
    expect(await there.replay({ keptOut: true })).toMatchObject({ notClean: 0, opened: false, closed: false });
    await onServer(`REVOKE ${owner} FROM ${app}`);
    expect(await asApplication()).not.toContain("grace@example.com");
  });

  test("because the console does not own it says what its owner is to run", async () => {
    await there.restore();
    await onServer(`ALTER DATABASE ${database} OWNER TO postgres`);
    await expect(refused()).rejects.toMatchObject({
      fix: expect.stringContaining(`REVOKE CONNECT ON DATABASE "${database}" FROM PUBLIC`),
    });
    expect(await control().$count(closedDatabases)).toBe(1);
    expect(await there.due()).toMatchObject([{ closed: null }]);
    await onServer(`ALTER DATABASE ${database} OWNER TO ${owner}`);
  });

  test("is for those who may erase", async () => {
    const support = await person("support");
    await expect(closeDatabase(support.actor, { database: there.db.id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(openDatabase(support.actor, { database: there.db.id })).rejects.toMatchObject({ code: "forbidden" });
  });
});
