import { identifier, literal, own, type Statement } from "../../managed/statement.ts";
import { captureStatements } from "./judge-captures.ts";
import { isNeeded, type KnownPlace, type KnownTenant, livesAt } from "./known.ts";
import type { Draft, Looked } from "./leftover.ts";
import type { OwnSchema, OwnTable } from "./survey-schemas.ts";

/** Schemas that are named for tenants who do not live in them. */
export function judgeSchemas(looked: Looked): Draft[] {
  return looked.survey.schemas.flatMap((schema): Draft[] => {
    const tenant = looked.known.tenants.get(schema.tenantId) ?? null;
    const at = placesAt(tenant, looked, schema);
    return at.some(isNeeded) ? [] : [judgeSchema(looked, schema, tenant, at)];
  });
}

function placesAt(tenant: KnownTenant | null, { databaseName }: Looked, { name }: OwnSchema): KnownPlace[] {
  // By the database's name: a server may have been entered twice.
  return tenant?.places.filter((place) => place.databaseName === databaseName && place.schema === name) ?? [];
}

function judgeSchema(looked: Looked, schema: OwnSchema, tenant: KnownTenant | null, at: readonly KnownPlace[]): Draft {
  const { survey } = looked;
  const rows = schema.tables.reduce((sum, table) => sum + table.rows, 0);
  const gates = survey.gates.filter((gate) => gate.schema === schema.name);
  const lives = tenant ? livesAt(tenant) : null;
  const recorded = at.some(({ state }) => state === "dropped");
  const doubts = placeDoubts(
    tenant,
    gates.map(({ state }) => state),
    recorded,
    rows,
  );
  if (schema.outside.length > 0) doubts.push(`${schema.outside.slice(0, 5).join(", ")} of another schema need it.`);
  if (schema.users.length > 0) doubts.push(`Process ${schema.users.join(", ")} uses its tables now.`);
  const how = recorded
    ? "the console's books have this place as removed"
    : gates.length > 0
      ? "its gate never opened, or sends writers there"
      : "it is empty";
  return {
    kind: "schema",
    name: schema.name,
    tenant,
    moveId: null,
    parts: schema.tables.map(tablePart),
    rows,
    bytes: schema.tables.reduce((sum, { bytes }) => sum + bytes, 0),
    doubts,
    why: `${tenant?.name} lives in ${lives?.databaseName}.${lives?.schema}, no move and no making of it goes on, and ${how}.`,
    statements: [
      dropSchema(schema),
      ...captureStatements(schema.name, schema.captures),
      // Gates that were left tell the application where the tenant lives, unless that is where it always did.
      ...gates
        .filter(({ state }) => state === "importing" || lives?.tier === "shared")
        .map(({ tenantKey }) =>
          own(
            `schema ${schema.name}`,
            "Its gate goes with it.",
            `DELETE FROM caretaker.gates WHERE tenant_key = ${literal(tenantKey)} AND schema_name = ${literal(schema.name)}`,
          ),
        ),
    ],
  };
}

/** What keeps a place of its own from being removed, whether it is a schema or a database. */
export function placeDoubts(
  tenant: KnownTenant | null,
  gates: readonly string[],
  recorded: boolean,
  rows: number,
): string[] {
  if (!tenant) return ["No tenant of this console has the id that it is named for: another console may have made it."];
  const doubts: string[] = [];
  if (tenant.busy) doubts.push(`${tenant.name} is being moved or made: look again when that is over.`);
  if (!livesAt(tenant)) doubts.push(`The console does not know where ${tenant.name} lives.`);
  if (gates.includes("open")) doubts.push(`Its gate is open: ${tenant.name} may write here.`);
  if (!recorded && gates.length === 0 && rows > 0)
    doubts.push("It holds rows, and neither a gate nor the console's books say how they came here.");
  return doubts;
}

export function tablePart({ schema, name, rows }: OwnTable): string {
  const held = rows === 0 ? ", empty" : rows > 10_000 ? " with more than 10,000 rows" : ` with ${rows} rows`;
  return `table ${schema}.${name}${held}`;
}

function dropSchema({ name }: OwnSchema): Statement {
  return {
    sql: `DROP SCHEMA ${identifier(name)} CASCADE`,
    object: `schema ${name}`,
    lock: `ACCESS EXCLUSIVE on its own tables, milliseconds: gives up soon and tries again`,
    why: "Its tenant lives elsewhere. Nothing outside of it needs it.",
    transactional: true,
  };
}
