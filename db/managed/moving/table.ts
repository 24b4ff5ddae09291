import { identifier, literal, relation } from "../statement.ts";

/** A step from a row to its parent, as the model has it: nearest parent first. */
interface Step {
  schema: string;
  table: string;
  columns: string[];
  parentColumns: string[];
}

/** A table of a moving tenant. It has the same name and the same columns at both places. */
export interface MovingTable {
  /** Its place in the order of the foreign keys: parents before children. */
  ordinal: number;
  name: string;
  keys: { name: string; type: string }[];
  /** What is copied: all columns but the generated ones. */
  columns: string[];
  /** Whether rows may travel between servers in the binary format; arrays and composites of own types may not. */
  binary: boolean;
  /** How a row in the shared schema is known to be the tenant's: by a column of its own or of an ancestor. */
  tenant: { column: string; type: string; steps: Step[] };
}

/** One of the two places of a move. */
export interface Standing {
  moveId: string;
  tenantKey: string;
  side: "a" | "b";
  schema: string;
  /** Whether other tenants' rows are in the same tables. */
  shared: boolean;
}

/** The beginning of the name of everything that a move makes in a database. */
export function moveName(moveId: string): string {
  return `move_${moveId.replaceAll("-", "").slice(0, 12)}`;
}

/** The table of changed keys, the trigger's function and the triggers of one table at one place. */
function partName({ moveId, side }: Standing, ordinal: number): string {
  return `${moveName(moveId)}_${side}_${ordinal}`;
}

export function keysTable(standing: Standing, ordinal: number): string {
  return relation("caretaker", partName(standing, ordinal));
}

/**
 * The advisory lock of a place: 62 bits of the move's id and one for the side. Each place has its own, so that a writer who comes to
 * the closed one is refused at once and does not wait with a row locked that the mover wants.
 */
export function lockKey({ moveId, side }: Pick<Standing, "moveId" | "side">): string {
  const bits = BigInt(`0x${moveId.replaceAll("-", "").slice(0, 16)}`) >> 2n;
  return ((bits << 1n) | (side === "a" ? 0n : 1n)).toString();
}

/** SQL that is true of a tenant's rows where other tenants' rows are too, and of every row elsewhere. */
export function belongs(table: MovingTable, standing: Standing, alias: string): string {
  if (!standing.shared) return "true";
  const { column, type, steps } = table.tenant;
  const key = `${literal(standing.tenantKey)}::${type}`;
  if (steps.length === 0) return `${alias}.${identifier(column)} = ${key}`;
  return `EXISTS (SELECT FROM ${ancestors(table, alias)} AND p${steps.length}.${identifier(column)} = ${key})`;
}

/**
 * SQL that is false of other tenants' rows only. A copied row whose parents are not there yet, or not any more, is nobody else's:
 * other tenants' rows have theirs.
 */
export function isNoOthers(table: MovingTable, standing: Standing, alias: string): string {
  if (!standing.shared || table.tenant.steps.length === 0) return belongs(table, standing, alias);
  return `${owns(table, standing, alias)} IS NOT FALSE`;
}

/**
 * SQL that is true of a row that leads to no tenant: its key is null, or a parent on the way is gone, as after ON DELETE SET NULL.
 * In shared tables such a row is nobody's; at a place of a tenant's own it is the tenant's like every other.
 */
export function isStray(table: MovingTable, standing: Standing, alias: string): string {
  if (standing.shared) return `${owns(table, standing, alias)} IS NULL`;
  const { column, steps } = table.tenant;
  if (steps.length === 0) return `${alias}.${identifier(column)} IS NULL`;
  const own = { ...table.tenant, steps: steps.map((step) => ({ ...step, schema: standing.schema })) };
  return `NOT EXISTS (SELECT FROM ${ancestors({ ...table, tenant: own }, alias)})`;
}

/** SQL that says whose a row is: true, false, or null where its parents are not there (any more). */
export function owns(table: MovingTable, standing: Standing, row: string): string {
  const { column, type, steps } = table.tenant;
  const key = `${literal(standing.tenantKey)}::${type}`;
  if (steps.length === 0) return `(${row}.${identifier(column)} = ${key})`;
  return `(SELECT p${steps.length}.${identifier(column)} = ${key} FROM ${ancestors(table, row)})`;
}

/** The FROM and WHERE that lead from a row to the ancestor with the tenant's column. */
function ancestors(table: MovingTable, row: string): string {
  const { steps } = table.tenant;
  const froms = steps.map((step, at) => `${relation(step.schema, step.table)} AS p${at + 1}`);
  const joins = steps.flatMap((step, at) =>
    step.columns.map((name, n) => {
      const child = at === 0 ? row : `p${at}`;
      return `p${at + 1}.${identifier(step.parentColumns[n] ?? "")} = ${child}.${identifier(name)}`;
    }),
  );
  return `${froms.join(", ")} WHERE ${joins.join(" AND ")}`;
}
