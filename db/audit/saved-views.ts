import { and, asc, eq, isNotNull, isNull, or } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { control, inControl } from "../control.ts";
import { Refusal } from "../errors.ts";
import { savedViews } from "../schema/console.ts";
import { databases, managedTables } from "../schema/fleet.ts";
import type { RemoveView, SavedView, SaveView } from "./contract.ts";
import { auditFilter, filterQuery, is, printQuery } from "./contract.ts";
import { termsOf } from "./query/named.ts";
import type { Term } from "./query/terms.ts";

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

/** What every team asks first, of all tables in all databases that are meant, by the names that they have there. */
async function builtInViews(): Promise<SavedView[]> {
  const adopted = and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt));
  const [known, tables] = await Promise.all([
    control().select({ users: databases.usersTable }).from(databases).where(adopted),
    control()
      .selectDistinct({ name: managedTables.name })
      .from(managedTables)
      .innerJoin(databases, eq(databases.id, managedTables.databaseId))
      .where(adopted),
  ]);
  const users = known.flatMap(({ users }) => users?.table ?? []);
  const payments = tables.map(({ name }) => name).filter((name) => /payment/i.test(name));
  const lately = termsOf({ from: "-30d" });
  return [
    {
      ...viewOf("Who changed this user in the last 30 days", users.length > 0 ? users : ["users"], lately),
      ...({ id: "user-changes", kind: "built-in", asks: "record", mine: false } as const),
    },
    {
      ...viewOf("All payment deletions", payments.length > 0 ? payments : ["payments"], [is("action", "delete")]),
      ...({ id: "payment-deletions", kind: "built-in", asks: null, mine: false } as const),
    },
  ];
}

/** A view of terms in tables: of all of them, or else its name says of how many. */
function viewOf(name: string, tables: readonly string[], terms: readonly Term[]): Pick<SavedView, "name" | "query"> {
  const all = [...new Set(tables)].sort();
  const q = (most: number) => printQuery([...terms, is("table", ...all.slice(0, most))]);
  const fits = (most: number) => auditFilter.safeParse({ q: q(most) }).success;
  const most = all.map((_, at) => all.length - at).find(fits) ?? 1;
  const whole = most === all.length ? name : `${name}, in ${most} of ${all.length} tables`;
  return { name: whole, query: filterQuery({ q: q(most) }) };
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
