import { and, asc, eq, or } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { savedViews } from "../schema/console.ts";
import { databases, managedTables } from "../schema/fleet.ts";
import type { RemoveView, SavedView, SaveView } from "./contract.ts";
import { filterQuery, is, printQuery } from "./contract.ts";
import { termsOf } from "./query/named.ts";

/** The views of one area: built-in ones first, then shared ones, then the person's own. */
export async function listViews(actor: Actor, area: SaveView["area"]): Promise<SavedView[]> {
  authorise(actor, "audit.read");
  const own = actor.staffId === null ? undefined : eq(savedViews.ownerId, actor.staffId);
  const rows = await control()
    .select()
    .from(savedViews)
    .where(and(eq(savedViews.area, area), or(eq(savedViews.shared, true), own)))
    .orderBy(asc(savedViews.name), asc(savedViews.id));
  const saved = rows.map(
    ({ id, name, query, shared, ownerId }): SavedView => ({
      id,
      name,
      query,
      kind: shared ? "shared" : "personal",
      asks: null,
      mine: ownerId === actor.staffId,
    }),
  );
  const builtIn = area === "audit" ? await builtInViews() : [];
  return [
    ...builtIn,
    ...saved.filter(({ kind }) => kind === "shared"),
    ...saved.filter(({ kind }) => kind === "personal"),
  ];
}

/** What every team asks first, with the table names of the databases that were adopted. */
async function builtInViews(): Promise<SavedView[]> {
  const [adopted, tables] = await Promise.all([
    control().select({ users: databases.usersTable }).from(databases),
    control().selectDistinct({ name: managedTables.name }).from(managedTables).orderBy(asc(managedTables.name)),
  ]);
  const users = adopted.find(({ users }) => users !== null)?.users?.table ?? "users";
  const payments = tables.find(({ name }) => /payment/i.test(name))?.name ?? "payments";
  return [
    {
      id: "user-changes",
      name: "Who changed this user in the last 30 days",
      query: filterQuery({ q: printQuery([is("table", users), ...termsOf({ from: "-30d" })]) }),
      kind: "built-in",
      asks: "record",
      mine: false,
    },
    {
      id: "payment-deletions",
      name: "All payment deletions",
      query: filterQuery({ q: printQuery([is("action", "delete"), is("table", payments)]) }),
      kind: "built-in",
      asks: null,
      mine: false,
    },
  ];
}

/** Keeps a view under a name; saving under the same name again replaces it. */
export async function saveAuditView(actor: Actor, input: SaveView): Promise<{ id: string }> {
  authorise(actor, "self.manage");
  const ownerId = person(actor);
  return inControl(actor, async (tx) => {
    const [row] = await tx
      .insert(savedViews)
      .values({ ...input, ownerId })
      .onConflictDoUpdate({
        target: [savedViews.ownerId, savedViews.area, savedViews.name],
        set: { query: input.query, shared: input.shared },
      })
      .returning({ id: savedViews.id });
    if (!row) throw new Error("The view was neither inserted nor replaced.");
    return row;
  });
}

/** Removes one of the person's own views. */
export async function removeAuditView(actor: Actor, { id }: RemoveView): Promise<void> {
  authorise(actor, "self.manage");
  const ownerId = person(actor);
  await inControl(actor, async (tx) => {
    const removed = await tx
      .delete(savedViews)
      .where(and(eq(savedViews.id, id), eq(savedViews.ownerId, ownerId)))
      .returning({ id: savedViews.id });
    if (removed.length === 0) {
      throw new Refusal("not_found", "None of your views has this id.", {
        fix: "Reload the list; it may be gone already.",
      });
    }
  });
}

function person(actor: Actor): string {
  if (actor.staffId !== null) return actor.staffId;
  throw new Refusal("invalid", "A view belongs to a person, and the system is none.", { fix: "Sign in as a person." });
}
