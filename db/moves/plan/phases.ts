import { dropStatement, forgetSchemaStatements } from "../../managed/drop-schema.ts";
import {
  type Address,
  forgetStatements,
  gateStatement,
  holdWriters,
  letWritersGo,
  removeGateStatement,
  removeOlderGates,
  tellOlderGates,
  turnStatements,
} from "../../managed/moving/gate.ts";
import { guardStatements, type RowSecurityNow, unguardStatements } from "../../managed/moving/guard.ts";
import { admitStatement, suspendStatement } from "../../managed/moving/suspension.ts";
import type { Standing } from "../../managed/moving/table.ts";
import {
  dropNoteStatements,
  dropTriggerStatements,
  noteStatements,
  triggerStatements,
} from "../../managed/moving/triggers.ts";
import { relation, type Statement } from "../../managed/statement.ts";
import type { MovePlanView } from "../contract.ts";
import { analyseStatement } from "../copy/rows.ts";
import { removeBatch, removedAtOnce } from "../copy/strays.ts";
import { closing, opening } from "../cutover/cut.ts";
import { copyPhases, drainPhases } from "./phases/rows.ts";
import { asideStatements, type NumberedColumns, nextStatements } from "./phases/sequences.ts";
import type { MovingTenant, Place } from "./place.ts";
import type { MovePlan } from "./stored.ts";

export type Phase = MovePlanView["phases"][number] & { statements: Statement[] };

/** One of the two places, as far as its statements need it. */
export interface PlannedEnd {
  standing: Standing;
  address: Address;
  /** The role that carries the move out there. */
  role: string;
  /** How row security will stand before the move changes it, and where the tables are made, how when they are. */
  before: Record<string, RowSecurityNow>;
  made: Record<string, RowSecurityNow>;
}

export interface PlannedEnds {
  from: PlannedEnd;
  to: PlannedEnd;
  /** Both are one database. */
  one: boolean;
}

/** What makes the database, where it must be made. */
export interface NewDatabase {
  create: Statement[];
  install: Statement[];
}

/** Until the move runs its id is zeros, and no worker has taken it up. */
const epoch = 0;

/**
 * Every statement of a move, by when and where it runs, from the same functions that run it. What repeats, by chunk or by round, is
 * there once. How far the move came, and which worker has it, Caretaker notes in its own tables beside that.
 */
export function phasesOf(
  tenant: MovingTenant,
  place: Place,
  plan: MovePlan,
  ends: PlannedEnds,
  made: NewDatabase,
  numbered: NumberedColumns,
): MovePlanView["phases"] {
  const { from, to } = ends;
  const each = (statements: (table: MovePlan["tables"][number]) => Statement[]) => plan.tables.flatMap(statements);
  const notes = ({ standing, role }: PlannedEnd) => each((table) => noteStatements(table, standing, role));
  const hung = ({ standing, before }: PlannedEnd) => [
    ...each((table) => triggerStatements(table, standing)),
    ...each((table) => guardStatements(table, standing, before[table.name] ?? { enabled: false, forced: false })),
  ];
  const phases: Phase[] = [
    { name: "Make the database", where: "server", statements: made.create },
    { name: "Install Caretaker there", where: "to", statements: made.install },
    {
      name: "Make the tables, and close the place until the cutover",
      where: "to",
      statements: [...plan.before, gateStatement(to.standing, "importing", from.address, to.made), ...notes(to)],
    },
    {
      name: "Follow writes",
      where: "from",
      statements: [gateStatement(from.standing, "open", from.address, from.before), ...notes(from), ...hung(from)],
    },
    ...copyPhases(plan, ends),
    { name: "Make keys and indexes, when the rows are copied", where: "to", statements: plan.keys },
    ...drainPhases(plan, ends),
    {
      name: "Make foreign keys and what else there is, when the rows fit together",
      where: "to",
      statements: [...plan.foreignKeys, ...plan.proofs, ...plan.after],
    },
    ...asideStatements(numbered, ends),
    {
      name: "Refuse whoever comes before the cutover, and follow the new place's writes from then on",
      where: "to",
      statements: [
        ...hung(to),
        ...(to.standing.shared ? [] : each(({ name }) => [analyseStatement(relation(to.standing.schema, name))])),
      ],
    },
    ...cutPhases(tenant, ends, numbered),
    ...endPhases(plan, tenant, place, ends),
  ];
  return phases
    .filter(({ statements }) => statements.length > 0)
    .map((phase) => ({ ...phase, statements: phase.statements.map(shown) }));
}

function cutPhases(tenant: MovingTenant, { from, to, one }: PlannedEnds, numbered: NumberedColumns): Phase[] {
  const suspension =
    tenant.status === "suspended" ? suspendStatement(tenant.key, "…", "…") : admitStatement(tenant.key);
  return [
    { name: "Bring the suspension along, before the cutover", where: "to", statements: one ? [] : [suspension] },
    {
      name: "Cut over: hold the writers, carry their last writes as before, close the old place",
      where: "from",
      statements: [holdWriters(from.standing), ...turnStatements(from.standing, closing(to.address, epoch))],
    },
    {
      name: "Cut over: go on with ids that nobody has, open the new place",
      where: "to",
      statements: [...nextStatements(numbered), ...turnStatements(to.standing, opening(to.address, epoch))],
    },
    { name: "Cut over: let the writers go", where: "from", statements: [letWritersGo(from.standing)] },
    {
      name: "Say where it lives from now on",
      where: "home",
      statements: [tellOlderGates(tenant.key, to.standing.moveId, to.address)],
    },
  ];
}

function endPhases(plan: MovePlan, tenant: MovingTenant, to: Place, ends: PlannedEnds): Phase[] {
  const down = ({ standing, before }: PlannedEnd, there: boolean): Statement[] =>
    plan.tables.flatMap((table) => [
      ...(there ? dropTriggerStatements(table, standing) : []),
      ...(there ? unguardStatements(table, standing, before[table.name] ?? { enabled: false, forced: false }) : []),
      ...dropNoteStatements(table, standing),
    ]);
  const last = ({ standing }: PlannedEnd) => [
    ...(to.tier === "shared" ? [removeGateStatement(standing)] : []),
    ...forgetStatements(standing.moveId),
  ];
  const old = ends.from.standing;
  const forgotten = tenant.place.tier === "schema" ? forgetSchemaStatements(old.schema) : [];
  const removed = old.shared
    ? plan.tables.toReversed().map((table) => removeBatch(table, old, [], removedAtOnce))
    : [dropStatement(old.schema), ...forgotten];
  return [
    {
      name: "Complete, after the grace period and when two people have asked: remove the old place",
      where: "from",
      statements: [...removed, ...down(ends.from, old.shared), ...last(ends.from)],
    },
    {
      name: "Complete: stop following the new place",
      where: "to",
      statements: [...down(ends.to, true), ...last(ends.to)],
    },
    {
      name: "Complete: forget what earlier moves said",
      where: "home",
      statements: to.tier === "shared" ? [removeOlderGates(tenant.key, old.moveId)] : [],
    },
  ];
}

function shown({ sql, object, lock, why }: Statement) {
  return { sql, object, lock, why };
}
