import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl, controlPool } from "../control.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { registerDatabase } from "../testing/register.ts";
import { setCapacity } from "./capacity.ts";
import { choosePlace, readServers } from "./read.ts";
import { previewRebalance } from "./rebalance/preview.ts";

const gb = 1_000_000_000;
let administrator: Actor;
let full: string;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator", "Ada")).actor;
  full = await placed("full", 80, "1 minute");
  await placed("empty", 10, "16 minutes");
});

afterAll(async () => {
  await closeControl();
});

/** A database on a server of its own, which was sampled last so long ago. */
async function placed(name: string, used: number, age: string): Promise<string> {
  const databaseId = await registerDatabase("postgres://nobody@127.0.0.1:1/none");
  const { rows } = await controlPool().query<{ id: string }>(
    "UPDATE servers SET name = $2 WHERE id = (SELECT server_id FROM databases WHERE id = $1) RETURNING id",
    [databaseId, name],
  );
  const serverId = rows[0]?.id ?? "";
  await setCapacity(administrator, { serverId, region: "eu", diskGb: 100 * gb, cores: 8, movesAtOnce: 3 });
  await controlPool().query(
    "INSERT INTO server_samples (server_id, sampled_at, used_bytes, active_ms) VALUES ($1, now() - $3::interval, $2, 0)",
    [serverId, used * gb, age],
  );
  return databaseId;
}

test("a server that does not answer takes no tenant, and the plan leaves it out and says since when", async () => {
  await controlPool().query(
    `WITH made AS (INSERT INTO tenants (home_database_id, key, name, size_bytes) VALUES ($1, 'a', 'a', $2) RETURNING id)
     INSERT INTO placements (tenant_id, tier, database_id, schema, state) SELECT id, 'shared', $1, 'public', 'open' FROM made`,
    [full, 11 * gb],
  );
  const since = expect.stringMatching(/^it has not answered since \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  expect(await choosePlace(administrator, full)).toMatchObject({
    server: null,
    refused: expect.arrayContaining([{ server: "empty", why: since }]),
  });
  const plan = await previewRebalance(administrator, 70);
  expect(plan).toMatchObject({ moves: [], leftOut: [{ name: "empty", why: since }] });
  const standing = (await readServers(administrator)).map(({ name, silent }) => ({ name, silent }));
  expect(standing).toEqual([
    { name: "empty", silent: true },
    { name: "full", silent: false },
  ]);
});
