import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

// A process reads its configuration once, so each key change here is a new process: its modules are loaded anew.
async function newProcess(key: string, previous = "") {
  vi.resetModules();
  process.env.CARETAKER_KEY = key;
  process.env.CARETAKER_KEY_PREVIOUS = previous;
  const [seal, rotate, control, mint, schema] = await Promise.all([
    import("./seal.ts"),
    import("./rotate.ts"),
    import("../control.ts"),
    import("../mint.ts"),
    import("../schema/fleet.ts"),
  ]);
  closers.push(control.closeControl);
  return { ...seal, ...rotate, ...control, ...mint, ...schema };
}

const closers: (() => Promise<void>)[] = [];
const newKey = () => randomBytes(32).toString("base64");

beforeEach(async () => {
  vi.resetModules();
  const { freshControl } = await import("../testing/databases.ts");
  await freshControl();
  closers.push((await import("../control.ts")).closeControl);
});

afterAll(async () => {
  for (const close of closers) await close();
});

async function addServers(process: Awaited<ReturnType<typeof newProcess>>, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const rows = ids.map((id) => ({
    id,
    name: `server ${id}`,
    host: "127.0.0.1",
    port: 5432,
    tlsMode: "disable" as const,
    username: "caretaker",
    credential: process.seal(`password of ${id}`, id),
  }));
  await process.control().insert(process.servers).values(rows);
  return ids;
}

test("rotating re-wraps every credential, after which the old key is not needed any more", async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const before = await newProcess(oldKey);
  const ids = await addServers(before, 120);

  const rotating = await newProcess(key, oldKey);
  const administrator = rotating.systemActor("test");
  expect((await rotating.readKeyState(administrator)).secrets).toEqual([
    expect.objectContaining({ count: 120, current: false, configured: true }),
  ]);
  expect((await rotating.rotateKeys(administrator)).rewrapped).toBe(120);
  expect((await rotating.rotateKeys(administrator)).rewrapped).toBe(0);

  const after = await newProcess(key);
  for (const row of await after.control().select().from(after.servers)) {
    expect(after.unseal(row.credential, row.id)).toBe(`password of ${row.id}`);
  }
  expect(ids).toHaveLength(120);
});

test("credentials stay readable while keys are rotated", async () => {
  const [oldKey, key] = [newKey(), newKey()];
  await addServers(await newProcess(oldKey), 60);
  const running = await newProcess(key, oldKey);
  const rotation = running.rotateKeys(running.systemActor("test"));
  for (let round = 0; round < 10; round++) {
    const rows = await running.control().select().from(running.servers);
    for (const row of rows) expect(running.unseal(row.credential, row.id)).toBe(`password of ${row.id}`);
  }
  expect((await rotation).rewrapped).toBe(60);
});

test("support and compliance can not rotate keys", async () => {
  const running = await newProcess(newKey());
  for (const role of ["support", "compliance"] as const) {
    const actor = running.staffActor({ staffId: randomUUID(), name: role, role });
    await expect(running.rotateKeys(actor)).rejects.toMatchObject({ code: "forbidden" });
    await expect(running.readKeyState(actor)).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("rotating re-wraps the secrets of streams as well", async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const before = await newProcess(oldKey);
  const { auditStreams } = await import("../schema/exports.ts");
  const id = randomUUID();
  await before
    .control()
    .insert(auditStreams)
    .values({
      id,
      name: "SIEM",
      target: { kind: "webhook", url: "https://siem.example.com" },
      secret: before.seal("whsec_secret", id),
      format: "ndjson",
      query: "",
      createdBy: "Ada",
    });
  const rotating = await newProcess(key, oldKey);
  const administrator = rotating.systemActor("test");
  expect((await rotating.rotateKeys(administrator)).rewrapped).toBe(1);
  expect((await rotating.readKeyState(administrator)).secrets).toEqual([
    expect.objectContaining({ count: 1, current: true }),
  ]);
  const after = await newProcess(key);
  const [row] = await after.control().select().from(auditStreams);
  expect(after.unseal(row?.secret ?? "", id)).toBe("whsec_secret");
});

test("rotating re-wraps whatever is sealed: the keys that sign, and what erasures keep of a person", async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const before = await newProcess(oldKey);
  const { erasures } = await import("../schema/erasures.ts");
  const { sealKeys } = await import("../schema/proof.ts");
  const [id, signing] = [randomUUID(), randomUUID()];
  await before
    .control()
    .insert(erasures)
    .values({
      ...{ id, databaseId: randomUUID(), subject: "users 7", subjectRef: "0", basis: "Other", askedBy: "Ada" },
      ...{ sealed: before.seal("who it is", id), found: before.seal("what was found", `${id} found`) },
    });
  await before
    .control()
    .insert(sealKeys)
    .values({ id: signing, verifier: "v", sealed: before.seal("pem", signing) });
  const rotating = await newProcess(key, oldKey);
  expect((await rotating.rotateKeys(rotating.systemActor("test"))).rewrapped).toBe(3);
  const after = await newProcess(key);
  const [row] = await after.control().select().from(erasures);
  const [signs] = await after.control().select().from(sealKeys);
  expect(after.unseal(row?.sealed ?? "", id)).toBe("who it is");
  expect(after.unseal(row?.found ?? "", `${id} found`)).toBe("what was found");
  expect(after.unseal(signs?.sealed ?? "", signing)).toBe("pem");
});

test("a server that was forgotten has nothing sealed: it is in the way of no start and no rotation", async () => {
  const { rotateKeys, control, systemActor } = await newProcess(newKey());
  const { servers } = await import("../schema/fleet.ts");
  const { requireKeys } = await import("./require.ts");
  await control()
    .insert(servers)
    .values({ name: "gone", host: "h", port: 1, tlsMode: "disable", username: "u", credential: "" });
  await requireKeys(systemActor("test"));
  expect(await rotateKeys(systemActor("test"))).toMatchObject({ rewrapped: 0 });
});
