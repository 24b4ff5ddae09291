import { readState, takeConsole } from "./application.ts";
import type { Step } from "./cases.ts";
import { difference, differenceOf, equal, violated } from "./compare.ts";
import { count, type Game } from "./game.ts";
import { plan, receiptsOf, run, settle } from "./restore.ts";
import type { State } from "./world.ts";

/** Right after a restore its undo has nothing to decide on, and leaves the world as it was, to the byte. */
export async function undoAtOnce(game: Game, restore: string, before: State): Promise<void> {
  const { ground, world } = game;
  const undo = await plan({ database: ground.databaseId, undo: restore });
  if (undo.status !== "clean" || undo.problems.length > 0) {
    violated(`an undo at once is ${undo.status}: ${undo.problems.map(({ key }) => key).join(", ")}`);
  }
  const ran = await run(undo);
  if ("refused" in ran) violated(`an undo at once was refused: ${ran.said}`);
  const now = await readState(ground.client, world.tables);
  if (!equal(now, before)) violated(`an undo at once left ${difference(world, now, before)}`);
  await takeConsole(ground.client, world, game.schema);
  count(ground, "undone");
}

/** Later, what changed since stays or is taken back by choice; no row goes that the restore did not bring. */
export async function undoLater(game: Game, step: Extract<Step, { do: "undo" }>): Promise<void> {
  const { ground, world, restores } = game;
  const [restore] = restores.splice(step.restore % Math.max(restores.length, 1), 1);
  if (!restore) return;
  const receipts = await receiptsOf(ground.client, restore);
  const input = { database: ground.databaseId, undo: restore };
  const first = await plan(input);
  const settled = await settle(input, first, step.anyway ? [0, 0, 0] : [7, 7, 7]);
  const before = world.state;
  const ran = await run(settled);
  const now = await readState(ground.client, world.tables);
  if ("refused" in ran) {
    if (!equal(now, before)) violated("a refused undo changed rows");
    return settled.status === "nothing" ? undefined : violated(`an undo was refused: ${ran.said}`);
  }
  const brought = new Map(receipts.map((receipt) => [`${receipt.table} ${receipt.record}`, receipt]));
  for (const table of world.tables) {
    for (const [key, was] of before[table.at] ?? []) {
      const receipt = brought.get(`${table.name} ${key}`);
      const is = now[table.at]?.get(key);
      if (!is && receipt?.act !== "insert")
        violated(`an undo took ${table.name} ${key}, which its restore did not bring`);
      // Where a restored row goes, ON DELETE may take a pointer to it: that was chosen.
      const pointers = step.anyway
        ? table.foreign.filter(({ onDelete }) => onDelete.startsWith("SET")).flatMap(({ columns }) => columns)
        : [];
      const wrong = is && !receipt ? differenceOf(is, was, pointers) : null;
      if (wrong) violated(`${table.name} ${key} ${wrong} after an undo`);
    }
    for (const key of now[table.at]?.keys() ?? [])
      if (!before[table.at]?.has(key)) violated(`an undo brought ${table.name} ${key}`);
  }
  await takeConsole(ground.client, world, game.schema);
  count(ground, "undone_later");
}
