import { z } from "zod";
import { closeDatabase } from "#db/records/erasure/closing/close.ts";
import {
  closeDatabaseInput,
  type DueReplay,
  openDatabaseInput,
  replayErasuresInput,
} from "#db/records/erasure/closing/contract.ts";
import { openDatabase } from "#db/records/erasure/closing/open.ts";
import { dueReplays } from "#db/records/erasure/due.ts";
import { replayErasures } from "#db/records/erasure/replay.ts";
import { type Command, flag, only, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { table } from "../table.ts";
import { waitForJob } from "../wait.ts";

const due: Command = {
  name: "erasures due",
  usage: "",
  summary:
    "List databases in which erasures are to be applied again, or that are closed; exits with 9 where there is one",
  options: {},
  async run(actor) {
    const all = await dueReplays(actor);
    const shown = table(
      [
        { title: "database", value: (row: DueReplay) => row.databaseName },
        { title: "erasures", value: (row) => String(row.erasures), end: true },
        { title: "to search for", value: ({ elsewhere }) => elsewhere.map(({ subject }) => subject).join(", ") },
        { title: "closed", value: ({ closed }) => (closed ? `by ${closed.by}, ${closed.at}` : "no") },
        { title: "can connect", value: ({ admits }) => admits.join(", ") },
        { title: "sessions", value: ({ sessions }) => String(sessions), end: true },
      ],
      all.due,
    );
    const silent = all.silent.map(({ name, reason }) => `\n${name} did not answer: ${reason}`);
    return { json: all, text: `${shown}${silent.join("")}`, exitCode: all.due.length > 0 ? 9 : 0 };
  },
};

const close: Command = {
  name: "erasures close",
  usage: "DATABASE [--of DATABASE] [--reason TEXT]",
  summary: "Close a database to its application, before it is filled from a backup or right after",
  options: { of: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const name = only(input, "the database");
    const database = await findDatabaseId(actor, name);
    const of = text(input, "of");
    const from = of === undefined ? undefined : await findDatabaseId(actor, of);
    const asked = parse(closeDatabaseInput, { database, from, reason: text(input, "reason") });
    const door = await closeDatabase(actor, asked);
    const lines = [
      `${name} is closed to its application. Superusers can connect still: ${door.superusers.join(", ") || "none"}.`,
      ...(door.admits.length > 0 ? [`So can, as members of its owner: ${door.admits.join(", ")}.`] : []),
      ...(door.sessions > 0 ? [`${door.sessions} sessions of before go on; stop the application to end them.`] : []),
    ];
    return { json: door, text: lines.join("\n"), exitCode: door.sessions > 0 ? 9 : 0 };
  },
};

const open: Command = {
  name: "erasures open",
  usage: "DATABASE [--anyway --reason TEXT]",
  summary: "Open a database to its application again; with --anyway also where erasures are due or left something",
  options: { anyway: { type: "boolean" }, reason: { type: "string" } },
  async run(actor, input) {
    const name = only(input, "the database");
    const database = await findDatabaseId(actor, name);
    const done = await openDatabase(actor, parse(openDatabaseInput, { database, ...input.options }));
    const gone = done.gone.length > 0 ? ` Roles that are gone got no right back: ${done.gone.join(", ")}.` : "";
    return { json: done, text: `${name} is open to its application.${gone}` };
  },
};

const replay: Command = {
  name: "erasures replay",
  usage: "DATABASE [--of DATABASE] [--kept-out]",
  summary:
    "After a restore from a backup: close the database, apply all its erasures again, and open it; exits with 9 where somebody is left",
  options: { of: { type: "string" }, "kept-out": { type: "boolean" } },
  async run(actor, input) {
    const of = text(input, "of");
    const name = only(input, "the database");
    const database = await findDatabaseId(actor, name);
    const from = of === undefined ? undefined : await findDatabaseId(actor, of);
    const keptOut = flag(input, "kept-out");
    const { job } = await replayErasures(actor, parse(replayErasuresInput, { database, from, keptOut }));
    const { result } = await waitForJob(actor, job);
    const done = parse(replayed, result);
    const left =
      done.notClean === 0
        ? "nothing of them is left"
        : `of ${done.notClean} something is left, or not all was looked at: check them`;
    const said = [`${done.erasures} erasures applied again, ${done.rows} rows changed; ${left}.`];
    if (done.opened) said.push(`${name} was closed meanwhile and is open again.`);
    if (done.elsewhere > 0)
      said.push(
        `${done.elsewhere} people were erased where their tenants lived after ${name}: search for each in it, by caretaker erasures find.`,
      );
    if (done.closed) said.push(`${name} stays closed. To open it: caretaker erasures open ${name}`);
    return { json: done, text: said.join("\n"), exitCode: done.closed || done.notClean > 0 ? 9 : 0 };
  },
};

const replayed = z.object({
  ...{ erasures: z.number(), rows: z.number(), notClean: z.number(), elsewhere: z.number() },
  ...{ opened: z.boolean(), closed: z.boolean() },
});

/** What follows a restore from a backup. */
export const restoredCommands: Command[] = [due, close, open, replay];
