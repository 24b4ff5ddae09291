import { moveName } from "../../managed/moving/table.ts";
import { identifier, literal, own, relation, type Statement } from "../../managed/statement.ts";
import { type KnownMove, type KnownTenant, livesAt, tenantByKey } from "./known.ts";
import type { Draft, Looked } from "./leftover.ts";
import { prefixOf, tenantOf } from "./names.ts";
import type { Fence, FoundGate, Survey } from "./survey.ts";

/** What moves that are over, or that nobody knows, hung on a database's tables. One finding for each move. */
export function judgeFences(looked: Looked, doubtfulSchemas: ReadonlySet<string>): Draft[] {
  const { survey, known } = looked;
  const moves = new Set([
    ...[...survey.triggers, ...survey.policies, ...survey.notes].map(({ move }) => move),
    ...survey.progress.map(prefixOf),
    ...survey.gates.filter((gate) => isIdle(gate, looked)).map(({ moveId }) => prefixOf(moveId)),
  ]);
  return [...moves].sort().flatMap((prefix): Draft[] => {
    const move = known.moves.get(prefix) ?? null;
    if (move && !isOver(move)) return [];
    return [judgeMove(looked, prefix, move, doubtfulSchemas)];
  });
}

/**
 * A gate that says nothing that is not so without it: its tenant lives in the shared schema of this very database. Or one of a
 * schema that was to become the tenant's and is gone. Others tell the application where the tenant lives.
 */
function isIdle(gate: FoundGate, { known, home, databaseId, survey }: Looked): boolean {
  const move = known.moves.get(prefixOf(gate.moveId));
  if (move && !isOver(move)) return false;
  const tenant = tenantByKey(known, home, gate.tenantKey);
  const lives = tenant && !tenant.busy ? livesAt(tenant) : null;
  if (!lives) return false;
  const gone = tenantOf(gate.schema) !== null && !survey.schemas.some(({ name }) => name === gate.schema);
  if (gate.state === "importing") return gone;
  return lives.tier === "shared" && lives.databaseId === databaseId && (gate.state === "open" || gone);
}

function isOver({ state }: KnownMove): boolean {
  return state === "completed" || state === "aborted";
}

function judgeMove(
  looked: Looked,
  prefix: string,
  move: KnownMove | null,
  doubtfulSchemas: ReadonlySet<string>,
): Draft {
  const { survey } = looked;
  const kept = (fence: Fence) => doubtfulSchemas.has(fence.schema);
  const guarded = new Set(
    [...survey.triggers, ...survey.policies].filter((one) => one.move === prefix && kept(one)).map(({ side }) => side),
  );
  const mine = <One extends { move: string; side: string }>(list: readonly One[]) =>
    list.filter((one) => one.move === prefix && !guarded.has(one.side));
  const gates = survey.gates.filter(({ moveId }) => prefixOf(moveId) === prefix);
  const idle = gates.filter((gate) => isIdle(gate, looked));
  const ids = survey.progress.filter((id) => prefixOf(id) === prefix);
  const statements = [
    ...tableStatements(mine(survey.triggers), mine(survey.policies)),
    ...mine(survey.notes).toReversed().map(dropNote),
    ...idle.map(dropGate),
    ...ids.flatMap(forget),
  ];
  const tenant = tenantOfGates(looked, gates);
  const against = doubts(looked, prefix, gates, guarded.size > 0);
  const source = move
    ? `Move ${move.number} was ${move.state}${move.endedAt ? ` on ${move.endedAt}` : ""}`
    : "The console knows no move of this id, and no worker is connected for one";
  return {
    kind: "fences",
    name: moveName(prefix),
    tenant,
    moveId: move?.id ?? null,
    parts: statements.map(({ object }) => object).filter((object, at, all) => all.indexOf(object) === at),
    rows: 0,
    bytes: 0,
    doubts: against,
    why: `${source}${tenant ? `; ${tenant.name} lives where its gates say` : ""}. What is here only slows writes down, or refuses them.`,
    statements,
  };
}

function doubts(looked: Looked, prefix: string, gates: readonly FoundGate[], guards: boolean): string[] {
  const { survey, known, home, databaseName } = looked;
  const found: string[] = [];
  if (survey.workers.some((worker) => prefix.startsWith(worker)))
    found.push("A worker is connected in the name of this move: another console may run it.");
  if (guards) found.push("It guards a schema that somebody has to look at first.");
  for (const { schema, table, open, others } of survey.policies) {
    if (open && others > 0)
      found.push(
        `${schema}.${table} has got policies of its own since, so that how its row security stood is not certain.`,
      );
  }
  for (const gate of gates) {
    const tenant = tenantByKey(known, home, gate.tenantKey);
    const lives = tenant ? livesAt(tenant) : null;
    if (!lives) {
      found.push(
        `The console does not know where the tenant with the key ${gate.tenantKey} lives, whose gate is ${gate.state} here.`,
      );
      continue;
    }
    const here = lives.databaseName === databaseName && lives.schema === gate.schema;
    if (here === (gate.state === "open")) continue;
    found.push(
      `The gate of ${gate.schema} is ${gate.state}, but the console has ${tenant?.name} in ${lives.databaseName}.${lives.schema}. Find out which is right before anything goes.`,
    );
  }
  return found;
}

function tenantOfGates({ known, home }: Looked, gates: readonly FoundGate[]): KnownTenant | null {
  const [gate] = gates;
  return gate ? tenantByKey(known, home, gate.tenantKey) : null;
}

/** Table by table. Row security that a move put on goes where its own policy says that there was none before. */
function tableStatements(triggers: readonly Fence[], policies: Survey["policies"]): Statement[] {
  const tables = Map.groupBy([...triggers, ...policies], ({ schema, table }) => relation(schema, table));
  return [...tables].flatMap(([name]) => {
    const on = (sql: string): Statement => ({
      sql,
      object: `triggers and policies on ${name}`,
      lock: `ACCESS EXCLUSIVE on ${name}, milliseconds: gives up soon and tries again`,
      why: "The move that put it there is over.",
      transactional: true,
    });
    const here = ({ schema, table }: Fence) => relation(schema, table) === name;
    const guards = policies.filter(here);
    return [
      ...triggers.filter(here).map((one) => on(`DROP TRIGGER IF EXISTS ${identifier(one.name)} ON ${name}`)),
      ...(guards.some(({ open }) => open)
        ? [on(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY`)]
        : []),
      ...guards.map((one) => on(`DROP POLICY IF EXISTS ${identifier(one.name)} ON ${name}`)),
    ];
  });
}

function dropNote({ what, name }: Survey["notes"][number]): Statement {
  const made = relation("caretaker", name);
  return own(
    "notes of the move",
    "Nothing fills or asks it any more.",
    what === "table" ? `DROP TABLE IF EXISTS ${made}` : `DROP FUNCTION IF EXISTS ${made}()`,
  );
}

function dropGate({ tenantKey, schema, moveId }: FoundGate): Statement {
  return own(
    `gate of tenant ${tenantKey} at ${schema}`,
    "The tenant lives here as if it had never moved.",
    `DELETE FROM caretaker.gates WHERE tenant_key = ${literal(tenantKey)} AND schema_name = ${literal(schema)} AND move_id = ${literal(moveId)}`,
  );
}

function forget(id: string): Statement[] {
  return ["move_workers", "move_progress"].map((table) =>
    own(
      "notes of the move",
      "No worker will take it up again.",
      `DELETE FROM caretaker.${table} WHERE move_id = ${literal(id)}`,
    ),
  );
}
