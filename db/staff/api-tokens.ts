import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { type Capability, capabilities, type Role } from "../capabilities.ts";
import { control, controlPool, inControl } from "../control.ts";
import { requireReauthentication } from "../danger.ts";
import { Refusal } from "../errors.ts";
import { staffActor } from "../mint.ts";
import { apiTokens } from "../schema/staff.ts";
import type { ApiTokenRow, CreateApiToken, Visit } from "./contract.ts";
import { hashOf, newSecretText } from "./secret-text.ts";
import { whose } from "./whose.ts";

/** A key of one's own for scripts, which may do no more than what is chosen. Its text is shown once. */
export async function createApiToken(actor: Actor, input: CreateApiToken): Promise<{ id: string; token: string }> {
  authorise(actor, "self.manage");
  const { staffId, sessionId } = actor;
  if (!staffId || !sessionId) {
    throw new Refusal("forbidden", "Only a signed-in person makes an API token.", { fix: "Do this in the console." });
  }
  const excess = input.capabilities.find((capability) => !actor.capabilities.has(capability));
  if (excess) {
    throw new Refusal("invalid", `Your role does not have the capability ${excess}.`, {
      fieldErrors: { capabilities: `Your role does not have ${excess}.` },
    });
  }
  const secret = newSecretText("caretaker_");
  return inControl(actor, async (tx) => {
    await requireReauthentication(tx, actor);
    const [row] = await tx
      .insert(apiTokens)
      .values({
        staffId,
        name: input.name,
        tokenHash: secret.hash,
        capabilities: [...new Set(input.capabilities)],
        expiresAt: sql`now() + make_interval(days => ${input.days})`,
        databaseId: input.databaseId ?? null,
      })
      .returning({ id: apiTokens.id });
    if (!row) throw new Error("The API token was not recorded.");
    return { ...row, token: secret.text };
  });
}

/** The API tokens that are not revoked, newest first: one's own, or somebody else's for who manages staff. */
export async function listApiTokens(actor: Actor, input: { staffId?: string } = {}): Promise<ApiTokenRow[]> {
  const staffId = whose(actor, input.staffId);
  return control()
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      capabilities: apiTokens.capabilities,
      createdAt: apiTokens.createdAt,
      expiresAt: apiTokens.expiresAt,
      expired: sql<boolean>`${apiTokens.expiresAt} <= now()`,
      lastUsedAt: apiTokens.lastUsedAt,
      databaseId: apiTokens.databaseId,
    })
    .from(apiTokens)
    .where(and(eq(apiTokens.staffId, staffId), isNull(apiTokens.revokedAt)))
    .orderBy(desc(apiTokens.createdAt), desc(apiTokens.id))
    .limit(200);
}

/** Revokes an API token: one's own, or anybody's for who manages staff. */
export async function revokeApiToken(actor: Actor, input: { id: string }): Promise<void> {
  authorise(actor, "self.manage");
  const own = actor.capabilities.has("staff.manage") ? undefined : sql`${apiTokens.staffId} = ${actor.staffId}`;
  await inControl(actor, async (tx) => {
    const { rowCount } = await tx
      .update(apiTokens)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiTokens.id, input.id), isNull(apiTokens.revokedAt), own));
    if (rowCount !== 1) throw new Refusal("not_found", "There is no such API token.", { fix: "Reload the list." });
  });
}

interface Row {
  id: string;
  token_name: string;
  database_id: string | null;
  staff_id: string;
  name: string;
  role: Role;
  capabilities: string[];
  unused: boolean;
}

/** The actor of an API token, read anew at each use: what was chosen, as far as the person's role has it now. */
export async function actorFromToken(token: string, visit: Visit): Promise<Actor | null> {
  const { rows } = await controlPool().query<Row>(
    `SELECT token.id, token.name AS token_name, token.database_id, token.staff_id, person.name, person.role, token.capabilities,
            coalesce(token.last_used_at < now() - interval '1 minute', true) AS unused
       FROM api_tokens AS token
       JOIN staff AS person ON person.id = token.staff_id
      WHERE token.token_hash = $1
        AND token.revoked_at IS NULL
        AND token.expires_at > now()
        AND person.disabled_at IS NULL`,
    [hashOf(token)],
  );
  const [row] = rows;
  if (!row) return null;
  if (row.unused) await controlPool().query("UPDATE api_tokens SET last_used_at = now() WHERE id = $1", [row.id]);
  return staffActor({
    staffId: row.staff_id,
    name: row.name,
    role: row.role,
    only: capabilities.filter((capability: Capability) => row.capabilities.includes(capability)),
    apiToken: { id: row.id, name: row.token_name, databaseId: row.database_id },
    ...visit,
  });
}
