import { identifier, literal, relation, type Statement } from "../statement.ts";
import { type MovingTable, moveName, type Standing } from "./table.ts";

export interface RowSecurityNow {
  enabled: boolean;
  forced: boolean;
}

/**
 * Refuses reads of a place that the tenant has left, or has not come to yet. Where other tenants' rows are too it goes by the
 * tenant that a session named, and needs row security to be on; in a tenant's own tables it goes for everybody but superusers.
 */
export function guardStatements(table: MovingTable, standing: Standing, now: RowSecurityNow): Statement[] {
  if (standing.shared && !now.enabled) return [];
  const name = relation(standing.schema, table.name);
  const { policy, open } = names(standing);
  const readable = `caretaker.readable(${literal(standing.tenantKey)}, ${literal(standing.schema)}, false)`;
  const asks = standing.shared
    ? `(SELECT CASE WHEN ${namesTenant(table, standing)} THEN ${readable} ELSE true END)`
    : `(SELECT ${readable})`;
  const on = statementOn(name);
  return [
    on(`DROP POLICY IF EXISTS ${policy} ON ${name}`, "Lets the step run again."),
    on(
      `CREATE POLICY ${policy} ON ${name} AS RESTRICTIVE USING (${asks})`,
      "Whoever reads at a place that the tenant has left is told so, and gets no stale rows.",
    ),
    ...(standing.shared || now.enabled
      ? []
      : [
          on(`DROP POLICY IF EXISTS ${open} ON ${name}`, "Lets the step run again."),
          on(`CREATE POLICY ${open} ON ${name} USING (true)`, "Nothing else changes for whoever may use the table."),
        ]),
    ...(standing.shared
      ? []
      : [
          on(
            `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
            "The policy holds for the table's owner too.",
          ),
        ]),
  ];
}

/** Puts row security back as it was. */
export function unguardStatements(table: MovingTable, standing: Standing, before: RowSecurityNow): Statement[] {
  const name = relation(standing.schema, table.name);
  const { policy, open } = names(standing);
  const on = statementOn(name);
  const back = [
    ...(before.forced ? [] : ["NO FORCE ROW LEVEL SECURITY"]),
    ...(before.enabled ? [] : ["DISABLE ROW LEVEL SECURITY"]),
  ];
  return [
    ...(standing.shared || back.length === 0
      ? []
      : [on(`ALTER TABLE ${name} ${back.join(", ")}`, "Row security stands as it did before.")]),
    on(`DROP POLICY IF EXISTS ${policy} ON ${name}`, "The move is over."),
    ...(standing.shared ? [] : [on(`DROP POLICY IF EXISTS ${open} ON ${name}`, "The move is over.")]),
  ];
}

/** How a session may spell keys of a type, other than as its column does. */
const spellings = [
  {
    types: /^uuid$/,
    pattern: "^(([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}|[{]([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}[}])$",
    value: "uuid",
  },
  { types: /^(smallint|integer|bigint|numeric)\b/, pattern: "^\\s*[+-]?[0-9]+([.][0-9]*)?\\s*$", value: "numeric" },
];

/** SQL: whether the session has named the tenant, however it spells its key. What is no key at all names nobody, and is no error. */
function namesTenant({ tenant: { type } }: MovingTable, { tenantKey }: Standing): string {
  const named = "current_setting('app.current_tenant_id', true)";
  const spelling = spellings.find(({ types }) => types.test(type));
  if (!spelling) return `${named} = ${literal(tenantKey)}`;
  const { pattern, value } = spelling;
  return `CASE WHEN ${named} ~ ${literal(pattern)} THEN ${named}::${value} = ${literal(tenantKey)}::${value} END`;
}

function names({ moveId, side }: Standing): { policy: string; open: string } {
  const name = `caretaker_${moveName(moveId)}_${side}`;
  return { policy: identifier(`${name}_reads`), open: identifier(`${name}_open`) };
}

function statementOn(name: string): (sql: string, why: string) => Statement {
  return (sql, why) => ({
    sql,
    object: `row security of ${name}`,
    lock: `ACCESS EXCLUSIVE on ${name}, milliseconds: gives up after 50 ms and tries again`,
    why,
    transactional: true,
  });
}
