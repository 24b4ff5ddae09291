import { createHash } from "node:crypto";
import { origin } from "./consoles.ts";
import { type Found, nothing } from "./scenario.ts";
import type { Answer, Visit } from "./visit.ts";
import { rowsOf } from "./watch.ts";
import { passesAsWhole } from "./whole.ts";

/** What the acts are about: a ready export, a link to it, and whoever is signed in. */
export interface Stage {
  cookie: string;
  exportId: string;
  databaseId: string;
  link: string;
  /** The file that every download must be, whole. */
  text: string;
  manifest: string;
  /** Next's name for the action of the link form. */
  issueLink: string;
  newest: readonly string[];
}

/** One thing that people do. Each time it has a mark of its own, by which it is found again. */
export interface Act {
  name: string;
  ask(stage: Stage, mark: string): Visit;
  /** Compares what whoever asked was told with what is there. */
  judge(stage: Stage, mark: string, answer: Answer | null): Promise<Found>;
}

const as = ({ cookie }: Stage, mark: string) => ({
  cookie,
  origin,
  host: new URL(origin).host,
  "sec-fetch-site": "same-origin",
  "user-agent": mark,
});

export const acts: Act[] = [
  {
    name: "download",
    ask: (stage, mark) => ({ path: `/api/audit/exports/${stage.exportId}/download`, headers: as(stage, mark) }),
    judge: (stage, mark, answer) => judgeFile(stage.text, mark, answer),
  },
  {
    name: "download by link",
    ask: (stage, mark) => ({ path: stage.link, headers: { "user-agent": mark } }),
    judge: (stage, mark, answer) => judgeFile(stage.text, mark, answer),
  },
  {
    name: "manifest",
    ask: (stage, mark) => ({
      path: `/api/audit/exports/${stage.exportId}/download?part=manifest`,
      headers: as(stage, mark),
    }),
    judge: (stage, mark, answer) => judgeFile(stage.manifest, mark, answer),
  },
  {
    name: "request",
    ask: (stage, mark) => ({
      method: "POST",
      path: "/api/audit/exports",
      headers: { ...as(stage, mark), "content-type": "application/json" },
      body: JSON.stringify({ query: `database=${stage.databaseId}&q=${mark}`, format: "csv" }),
    }),
    judge: (stage, mark, answer) => judgeRequest(`database=${stage.databaseId}&q=${mark}`, answer),
  },
  {
    name: "link",
    ask: (stage, mark) => ({
      method: "POST",
      path: `/audit/exports/${stage.exportId}`,
      headers: {
        ...as(stage, mark),
        accept: "text/x-component",
        "next-action": stage.issueLink,
        "content-type": "text/plain;charset=UTF-8",
      },
      body: JSON.stringify([{ id: stage.exportId, hours: 1, note: mark }]),
    }),
    judge: (_stage, mark, answer) => judgeLink(mark, answer),
  },
  {
    name: "read",
    ask: (stage, mark) => ({ path: `/api/audit?database=${stage.databaseId}`, headers: as(stage, mark) }),
    judge: async (stage, _mark, answer) => judgePage(stage.newest, answer),
  },
];

/** No byte goes out without an entry that says to whom, and only the whole file passes as whole. */
async function judgeFile(text: string, mark: string, answer: Answer | null): Promise<Found> {
  const entries = await rowsOf(
    "SELECT FROM caretaker.audit_logs WHERE action = 'export-downloaded' AND user_agent = $1",
    [mark],
  );
  const received = answer?.status === 200 ? answer.body.toString() : "";
  const saysWhole =
    received.length > 0 &&
    (answer?.whole === true ||
      answer?.headers["content-length"] === String(answer?.body.length) ||
      answer?.headers["x-checksum-sha256"] === createHash("sha256").update(received).digest("hex") ||
      passesAsWhole(received));
  return {
    lost: received.length > 0 && entries.length === 0 ? 1 : 0,
    duplicate: Math.max(0, entries.length - 1),
    falseWhole: saysWhole && received !== text ? 1 : 0,
  };
}

/** An export that was asked for is a row, a job, the entry that says so and the one of the row; all of them or none. */
async function judgeRequest(query: string, answer: Answer | null): Promise<Found> {
  const rows = await rowsOf<{ job: boolean; asked: number; made: number }>(
    `SELECT EXISTS (SELECT FROM jobs WHERE jobs.id = export.id) AS job,
            (SELECT count(*)::int FROM caretaker.audit_logs WHERE action = 'export-requested' AND resource_id = export.id::text) AS asked,
            (SELECT count(*)::int FROM caretaker.audit_logs
              WHERE action = 'create' AND resource_type = 'audit_exports' AND resource_id = export.id::text) AS made
       FROM audit_exports AS export WHERE query = $1`,
    [query],
  );
  const entries = await rowsOf(
    "SELECT FROM caretaker.audit_logs WHERE action = 'export-requested' AND metadata ->> 'query' = $1",
    [query],
  );
  const whole =
    rows.every(({ job, asked, made }) => job && asked === 1 && made === 1) && entries.length === rows.length;
  return judgeWrite(rows.length, whole, told(answer));
}

async function judgeLink(note: string, answer: Answer | null): Promise<Found> {
  const rows = await rowsOf<{ issued: number; made: number }>(
    `SELECT (SELECT count(*)::int FROM caretaker.audit_logs
              WHERE action = 'export-link-issued' AND metadata ->> 'link' = link.id::text) AS issued,
            (SELECT count(*)::int FROM caretaker.audit_logs
              WHERE action = 'create' AND resource_type = 'audit_export_links' AND resource_id = link.id::text) AS made
       FROM audit_export_links AS link WHERE note = $1`,
    [note],
  );
  const entries = await rowsOf(
    "SELECT FROM caretaker.audit_logs WHERE action = 'export-link-issued' AND metadata ->> 'note' = $1",
    [note],
  );
  const whole = rows.every(({ issued, made }) => issued === 1 && made === 1) && entries.length === rows.length;
  return judgeWrite(rows.length, whole, told(answer));
}

function judgeWrite(times: number, whole: boolean, what: Told): Found {
  return {
    lost: what === "done" && times === 0 ? 1 : 0,
    duplicate: Math.max(0, times - 1) + (what === "refused" ? times : 0),
    falseWhole: whole ? 0 : 1,
  };
}

/** A page of the log that was cut off is no JSON; one that was not is the newest entries. */
function judgePage(newest: readonly string[], answer: Answer | null): Found {
  if (answer?.status !== 200) return nothing;
  let page: { rows: { id: string }[] };
  try {
    page = JSON.parse(answer.body.toString());
  } catch {
    return { ...nothing, falseWhole: answer.whole ? 1 : 0 };
  }
  const ids = page.rows.map(({ id }) => id);
  return { ...nothing, falseWhole: JSON.stringify(ids) === JSON.stringify(newest.slice(0, ids.length)) ? 0 : 1 };
}

type Told = "done" | "refused" | "unknown";

/** A refusal says that nothing was done, unless it says that this is not known. */
function told(answer: Answer | null): Told {
  if (!answer?.whole) return "unknown";
  const text = answer.body.toString();
  if (answer.status < 300 && !text.includes('"ok":false')) return "done";
  return /"code":"unknown_outcome"/.test(text) || !/"code":"[a-z_]+"/.test(text) ? "unknown" : "refused";
}
