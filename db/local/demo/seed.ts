import { randomBytes } from "node:crypto";
import pg from "pg";
import { identifier, literal } from "../../managed/statement.ts";
import { applicationRole, sharedTables, tenantTables } from "./application.ts";
import { captureShifted, captureTruly } from "./capture.ts";
import { castTenants, type Member, ownIndex, prepareStage } from "./cast.ts";
import { incidents, investigations } from "./investigations.ts";
import { type Scale, type ScaleName, scales } from "./scale.ts";
import { stories } from "./stories.ts";

export interface SeedOptions {
  /** A superuser's URL of the server that holds the demo; the database it names is not touched. */
  serverUrl: string;
  scale: ScaleName;
  onProgress?: (line: string) => void;
}

/** The demo's databases on the server: `demo` holds the fleet, the other one tenant alone. */
export interface Seeded {
  shared: string;
  own: { database: string; tenantKey: string };
  entries: number;
}

const sharedDatabase = "demo";

/**
 * Makes the demo application with a year of audited history: its statements really run, through the triggers, in a transaction
 * each. Whatever an earlier run left is dropped first, so that a run killed half-way is simply run again.
 */
export async function seedDemo({ serverUrl, scale: scaleName, onProgress = () => {} }: SeedOptions): Promise<Seeded> {
  const scale = scales[scaleName];
  const members = castTenants(scale);
  const own = members[ownIndex];
  if (!own) throw new TypeError(`The demo has at least ${ownIndex + 1} tenants.`);
  const fleet = members.filter((member) => member !== own);
  const ownDatabase = own.slug.replaceAll("-", "_");
  onProgress("Making the databases");
  await makeDatabases(serverUrl, [sharedDatabase, ownDatabase]);
  const entries = await Promise.all([
    seedShared(at(serverUrl, sharedDatabase), fleet, own, scale, onProgress),
    seedOwn(at(serverUrl, ownDatabase), own, scale),
  ]);
  return {
    shared: sharedDatabase,
    own: { database: ownDatabase, tenantKey: own.id },
    entries: entries.reduce((sum, count) => sum + count, 0),
  };
}

async function makeDatabases(serverUrl: string, names: string[]): Promise<void> {
  const client = new pg.Client(serverUrl);
  await client.connect();
  for (const name of names) {
    await client.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${identifier(name)} TEMPLATE template0 ENCODING 'UTF8'`);
  }
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [applicationRole]);
  // Nobody knows this password; `npm run demo:traffic` sets one of its own for as long as it runs.
  if (rowCount === 0) {
    await client.query(
      `CREATE ROLE ${identifier(applicationRole)} LOGIN PASSWORD ${literal(randomBytes(24).toString("base64url"))}`,
    );
  }
  await client.end();
}

async function seedShared(
  url: string,
  fleet: Member[],
  own: Member,
  scale: Scale,
  onProgress: (line: string) => void,
): Promise<number> {
  const client = await connect(url);
  const schemas = fleet.filter((member) => member.place !== "public");
  await client.query(sharedTables);
  await client.query(tenantTables("public", null));
  for (const member of schemas) {
    await client.query(`CREATE SCHEMA ${identifier(member.place)}`);
    await client.query(tenantTables(member.place, member.id));
  }
  const places = ["public", ...schemas.map((member) => member.place)];
  await captureShifted(client, places);
  await prepareStage(client, fleet, scale);
  await tell(client, places, onProgress);
  for (const incident of incidents) await client.query(incident);
  // The fleet's list names the tenant with a database of its own as well.
  await client.query("SET demo.shift = '-366 days'");
  await client.query(
    "INSERT INTO public.tenants (id, name, slug, plan, country, created_at) VALUES ($1, $2, $3, 'business', 'DE', demo_seed.now())",
    [own.id, own.name, own.slug],
  );
  return finish(client, places);
}

async function seedOwn(url: string, own: Member, scale: Scale): Promise<number> {
  const client = await connect(url);
  await client.query(tenantTables("public", own.id));
  await captureShifted(client, ["public"]);
  await prepareStage(client, [{ ...own, place: "public", share: 1 }], shareOf(scale, own.share));
  await tell(client, ["public"], () => {});
  return finish(client, ["public"]);
}

/** Runs the year's stories, schema by schema: the tables' names are looked up along the search_path. */
async function tell(client: pg.Client, places: readonly string[], onProgress: (line: string) => void): Promise<void> {
  await client.query("SET search_path = public; SET synchronous_commit = off");
  for (const text of [...stories, ...investigations]) await client.query(text);
  for (const place of places) {
    await client.query(`SET search_path = ${identifier(place)}, public`);
    const { rows } = await client.query<{ told: number }>("CALL demo_seed.tell_year($1, NULL)", [place]);
    onProgress(`Told ${rows[0]?.told} stories in ${place}`);
  }
  await client.query("SET search_path = public");
}

async function finish(client: pg.Client, places: readonly string[]): Promise<number> {
  await captureTruly(client, places);
  await client.query("DROP SCHEMA demo_seed CASCADE");
  await client.query("SELECT caretaker.index_staged(1000000)");
  await client.query("VACUUM ANALYZE");
  const { rows } = await client.query<{ entries: string }>("SELECT count(*) AS entries FROM caretaker.audit_logs");
  await client.end();
  return Number(rows[0]?.entries);
}

function shareOf(scale: Scale, share: number): Scale {
  const part = (amount: number) => Math.ceil(amount * share);
  return {
    tenants: 1,
    ownSchemas: 0,
    stories: part(scale.stories),
    batchedOrders: part(scale.batchedOrders),
    importedPosts: part(scale.importedPosts),
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "caretaker demo" });
  await client.connect();
  return client;
}

function at(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
