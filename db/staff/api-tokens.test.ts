import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeControl, control, controlPool, inControl } from "../control.ts";
import { systemActor } from "../mint.ts";
import { newestEntry } from "../testing/audit.ts";
import { freshControl } from "../testing/databases.ts";
import { actorFromToken, createApiToken, listApiTokens, revokeApiToken } from "./api-tokens.ts";
import { changeRole, disableStaff } from "./people.ts";
import { isStillIn } from "./still-in.ts";
import { account, type SignedInAccount, signedIn, visit } from "./testing.ts";

const system = systemActor("test");
let administrator: SignedInAccount;

beforeAll(async () => {
  await freshControl();
});

beforeEach(async () => {
  administrator = await signedIn("administrator");
});

afterAll(closeControl);

describe("API tokens", () => {
  const wanted = { name: "nightly", capabilities: ["audit.read" as const], days: 30 };

  test("a token acts as its person with what was chosen and no more", async () => {
    const { token } = await createApiToken(administrator.actor, wanted);
    const actor = await actorFromToken(token, visit());
    expect(actor).toMatchObject({ staffId: administrator.id, sessionId: null });
    expect([...(actor?.capabilities ?? [])]).toEqual(["audit.read"]);
    expect((await listApiTokens(administrator.actor))[0]).toMatchObject({ name: "nightly", expired: false });
  });

  test("a token for events is bound to the database that was chosen, and what it does names it", async () => {
    const databaseId = "7e4a0000-0000-4000-8000-000000000001";
    const { id, token } = await createApiToken(administrator.actor, { ...wanted, databaseId });
    const actor = await actorFromToken(token, visit());
    expect(actor?.apiToken).toEqual({ id, name: "nightly", databaseId });
    if (!actor) throw new Error("The token does not hold.");
    const before = await newestEntry();
    await inControl(actor, (_tx, client) => client.query("SELECT caretaker.log_event('download')"));
    const { rows } = await controlPool().query(
      "SELECT user_id, metadata ->> 'api_key' AS key FROM caretaker.audit_logs WHERE id > $1 AND action = 'download'",
      [before],
    );
    expect(rows).toEqual([{ user_id: administrator.id, key: `nightly (${id.slice(0, 8)})` }]);
  });

  test("a token never does what its person's role does not allow, also not after a change of role", async () => {
    const { actor } = await signedIn("support");
    const excess = { ...wanted, capabilities: ["staff.manage" as const] };
    await expect(createApiToken(actor, excess)).rejects.toMatchObject({ code: "invalid" });
    const { token } = await createApiToken(administrator.actor, {
      ...wanted,
      capabilities: ["staff.manage", "audit.read"],
    });
    await account("administrator");
    await changeRole(system, { staffId: administrator.id, role: "support" });
    expect([...((await actorFromToken(token, visit()))?.capabilities ?? [])]).toEqual(["audit.read"]);
  });

  const streamOf = async (token: string) => {
    const actor = await actorFromToken(token, visit());
    if (!actor) throw new Error("The token does not hold.");
    return actor;
  };

  test("a token is refused once revoked, expired, or its person is disabled, and others can not revoke it", async () => {
    const { actor, id: staffId } = await signedIn("support");
    const [revoked, expired, orphaned] = [
      await createApiToken(actor, wanted),
      await createApiToken(actor, wanted),
      await createApiToken(actor, wanted),
    ];
    // An event stream, which was let in once, asks again and again.
    const [first, second] = [await streamOf(revoked.token), await streamOf(expired.token)];
    for (const stream of [first, second]) expect(await isStillIn(stream)).toBe(true);
    const stranger = await signedIn("compliance");
    await expect(revokeApiToken(stranger.actor, { id: revoked.id })).rejects.toMatchObject({ code: "not_found" });
    await revokeApiToken(actor, { id: revoked.id });
    await control().execute(sql`UPDATE api_tokens SET expires_at = now() WHERE id = ${expired.id}`);
    for (const { token } of [revoked, expired]) expect(await actorFromToken(token, visit())).toBeNull();
    for (const stream of [first, second]) expect(await isStillIn(stream)).toBe(false);
    expect(await actorFromToken(orphaned.token, visit())).not.toBeNull();
    await disableStaff(system, { staffId });
    expect(await actorFromToken(orphaned.token, visit())).toBeNull();
  });

  test("a token makes no tokens and ends no danger step", async () => {
    const { token } = await createApiToken(administrator.actor, {
      ...wanted,
      capabilities: ["self.manage", "staff.manage"],
    });
    const actor = await actorFromToken(token, visit());
    if (!actor) throw new Error("The token does not hold.");
    await expect(createApiToken(actor, wanted)).rejects.toMatchObject({ code: "forbidden" });
    const { id: staffId } = await account("support");
    await expect(disableStaff(actor, { staffId })).rejects.toMatchObject({ code: "reauthentication" });
  });
});
