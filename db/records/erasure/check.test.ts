import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import type { RunningJob } from "../../jobs/kind.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { openCertificate } from "./certificate.ts";
import { checkErasure } from "./check.ts";
import { chooseErasureInput, outcomeOf } from "./contract.ts";
import { checkErased } from "./job/check.ts";
import { eraseRows } from "./job/erase.ts";
import { listChecks, readErasure } from "./list.ts";
import { chooseErasure } from "./start.ts";
import { agree, confirmPersonal, item, runJob, search } from "./testing/erasing.ts";

let admin: Person;
let officer: Person;
let db: Adopted;

beforeAll(async () => {
  await freshControl();
  admin = await person("administrator", "Ada");
  officer = await person("compliance", "Bo");
  db = await adoptedDatabase(
    `CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);
     CREATE TABLE members (id bigint PRIMARY KEY, a varchar(28) NOT NULL UNIQUE, b varchar(35) NOT NULL UNIQUE, c char(41) NOT NULL UNIQUE,
                           d varchar(4) NOT NULL UNIQUE);
     CREATE TABLE letters (id bigint PRIMARY KEY, mail text);
     CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, mail text);`,
  );
  await confirmPersonal(
    db.id,
    "public.users.email",
    "public.letters.mail",
    "public.orders.mail",
    ...["a", "b", "c", "d"].map((column) => `public.members.${column}`),
  );
});

afterAll(async () => {
  await db.client.end();
  await closeFleet();
  await closeControl();
});

/** Takes a table out of sight in the very moment at which the search after the erasure begins. */
function hiding(running: RunningJob): RunningJob["step"] {
  return async (name, work) => {
    if (name === "search again") await db.client.query("ALTER TABLE letters RENAME TO posted");
    return running.step(name, work);
  };
}

test("what could not be looked at is no clean check, on the certificate neither, and never ends an incomplete erasure", async () => {
  await db.client.query(
    "INSERT INTO users VALUES (1, 'grace@example.com'); INSERT INTO letters VALUES (1, 'grace@example.com')",
  );
  const { id } = await search(admin.actor, db, { table: "users", record: "1" });
  const kind = { ...eraseRows, run: (job: RunningJob) => eraseRows.run({ ...job, step: hiding(job) }) };
  const check = async () => runJob(admin.actor, checkErased, (await checkErasure(admin.actor, { id })).job);
  const unread = { where: "public.letters", why: "There is no such table any more." };

  expect(await runJob(admin.actor, kind, await agree(admin, officer, id))).toMatchObject({ clean: false });
  const { certificate, state } = await readErasure(admin.actor, id);
  expect(state).toBe("incomplete");
  expect(await openCertificate(certificate ?? "")).toMatchObject({
    check: { clean: false, remaining: [] },
    notReached: expect.arrayContaining([unread]),
  });

  expect(await check()).toMatchObject({ clean: false, remaining: [], notReached: expect.arrayContaining([unread]) });
  const record = await readErasure(admin.actor, id);
  expect(record.state).toBe("incomplete");
  expect(record.lastCheck && outcomeOf(record.lastCheck)).toBe("unread");
  expect((await listChecks(admin.actor, id)).map(outcomeOf)).toEqual(["unread", "unread"]);

  await db.client.query("ALTER TABLE posted RENAME TO letters");
  expect(await check()).toMatchObject({ clean: true });
  expect(await readErasure(admin.actor, id)).toMatchObject({ state: "done", lastCheck: { clean: true } });
});

test("a hash that was cut to the length of its column leaves nothing, also once the column is longer", async () => {
  const mail = "grace@example.com";
  await db.client.query("INSERT INTO members VALUES (1, $1, $2, $3, 'g@x')", [mail, mail, mail]);
  const { id } = await search(admin.actor, db, { table: "members", record: "1" });
  expect(await runJob(admin.actor, eraseRows, await agree(admin, officer, id))).toMatchObject({ clean: true });
  const { rows } = await db.client.query("SELECT a, b, c, d FROM members");
  const cut = (domain: string) => expect.stringMatching(new RegExp(`^erased-[0-9a-f]{20}${domain}$`));
  expect(rows).toEqual([{ a: cut("@"), b: cut("@erased\\."), c: cut("@erased\\.invali"), d: "eras" }]);
  await db.client.query("ALTER TABLE members ALTER a TYPE text");
  const { job } = await checkErasure(admin.actor, { id });
  expect(await runJob(admin.actor, checkErased, job)).toMatchObject({ clean: true });
});

test("a finding that is kept hides nothing that another finding of the same table left in the log", async () => {
  await db.client.query(
    "INSERT INTO users VALUES (5, 'ann@example.com'); INSERT INTO orders VALUES (1, 5, 'ann@example.com'), (2, NULL, 'ann@example.com')",
  );
  const { id, plan } = await search(admin.actor, db, { table: "users", record: "5" });
  const { key } = item(plan, "path public.orders");
  await chooseErasure(
    admin.actor,
    chooseErasureInput.parse({ id, item: key, method: "keep", why: "Invoices are kept for ten years" }),
  );
  expect(await runJob(admin.actor, eraseRows, await agree(admin, officer, id))).toMatchObject({ clean: true });
  await db.client.query("UPDATE orders SET mail = 'Second Street 5' WHERE id = 2");
  await db.client.query("UPDATE orders SET mail = NULL WHERE id = 2");
  const { job } = await checkErasure(admin.actor, { id });
  expect(await runJob(admin.actor, checkErased, job)).toMatchObject({
    clean: false,
    remaining: [{ where: "the log of public.orders", count: 2 }],
  });
});
