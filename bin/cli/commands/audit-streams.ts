import type { Actor } from "#db/actor.ts";
import { auditFilter, filterQuery } from "#db/audit/contract.ts";
import { changeStream } from "#db/audit/stream/change.ts";
import * as contract from "#db/audit/stream/contract.ts";
import { listStreams, readStream } from "#db/audit/stream/list.ts";
import { createStream, pauseStream, removeStream, resumeStream } from "#db/audit/stream/manage.ts";
import { sendTest } from "#db/audit/stream/send-test.ts";
import { Refusal } from "#db/errors.ts";
import { type Command, flag, type Input, only, parse, text } from "../command.ts";
import { exitCodeOf } from "../exit-codes.ts";
import { pick } from "../find.ts";
import { readSecret, readSecrets } from "../secret.ts";
import { table } from "../table.ts";

const list: Command = {
  name: "audit streams list",
  usage: "",
  summary: "List the streams that entries are sent on by, and how far each database has got",
  async run(actor) {
    const streams = await listStreams(actor);
    const rows = streams.flatMap((stream) => stream.cursors.map((cursor) => ({ ...stream, ...cursor })));
    const shown = table<contract.StreamView & contract.StreamCursor>(
      [
        { title: "stream", value: ({ name }) => name },
        { title: "where", value: ({ place }) => place },
        { title: "database", value: ({ databaseName }) => databaseName },
        { title: "state", value: ({ standing }) => standing },
        { title: "delivered", value: ({ delivered }) => delivered, end: true },
        { title: "behind since", value: ({ behindSince }) => behindSince },
        { title: "in the way", value: ({ error }) => error },
      ],
      rows,
    );
    return { json: { streams }, text: shown };
  },
};

const settings = {
  webhook: { type: "string" },
  header: { type: "string", multiple: true },
  syslog: { type: "string" },
  tls: { type: "boolean" },
  bucket: { type: "string" },
  region: { type: "string" },
  "access-key": { type: "string" },
  prefix: { type: "string" },
  endpoint: { type: "string" },
  filter: { type: "string" },
  format: { type: "string" },
  from: { type: "string" },
} as const;

const add: Command = {
  name: "audit streams add",
  usage:
    "NAME --webhook URL [--header NAME]… | --syslog HOST:PORT [--tls] | --bucket NAME --region REGION --access-key ID [--prefix FOLDER] [--endpoint URL] [--filter QUERY] [--format ndjson|ocsf] [--from now|beginning]",
  summary:
    "Send entries on; a bucket's secret key, or a value for each header, a line each, is read from standard input",
  options: settings,
  async run(actor, input) {
    const name = only(input, "the stream");
    const kind = kindOf(input) ?? "webhook";
    const given = parse(contract.createStream, {
      ...{ kind, name, format: "ndjson", from: "now", ...place(input), ...what(input) },
      headers: await headersGiven(input),
      secretAccessKey: kind === "s3" ? await readSecret("Secret access key: ") : undefined,
    });
    const made = await createStream(actor, given);
    return { json: made, text: `Added ${name}.${secretLine(made.secret)}` };
  },
};

const change: Command = {
  name: "audit streams change",
  usage:
    "STREAM [--name NAME] [--webhook URL] [--header NAME]… [--no-headers] [--new-secret] [--syslog HOST:PORT] [--tls | --no-tls] [--bucket NAME] [--region REGION] [--access-key ID] [--new-key] [--prefix FOLDER] [--endpoint URL] [--filter QUERY] [--format ndjson|ocsf] [--from now|beginning]",
  summary:
    "Change a stream, which goes on where it is; what is not named stays. --header replaces all headers, their values, or with --new-key a bucket's secret key, being read from standard input",
  options: {
    ...settings,
    name: { type: "string" },
    "no-headers": { type: "boolean" },
    "new-secret": { type: "boolean" },
    "no-tls": { type: "boolean" },
    "new-key": { type: "boolean" },
  },
  async run(actor, input) {
    const { id, revision, name, format, query, target } = await find(actor, input);
    const given = parse(contract.changeStream, {
      ...{ id, revision, name, format, query, ...target, ...place(input), ...what(input) },
      kind: kindOf(input) ?? target.kind,
      ...(target.kind === "syslog" && { tls: String(flag(input, "tls") || (target.tls && !flag(input, "no-tls"))) }),
      headers: await headersGiven(input),
      noHeaders: String(flag(input, "no-headers")),
      newSecret: String(flag(input, "new-secret")),
      secretAccessKey: flag(input, "new-key") ? await readSecret("Secret access key: ") : undefined,
    });
    const changed = await changeStream(actor, given);
    return { json: changed, text: `Changed ${given.name}.${secretLine(changed.secret)}` };
  },
};

const optionsOf: Record<contract.StreamKind, string[]> = {
  webhook: ["webhook", "header", "no-headers", "new-secret"],
  syslog: ["syslog", "tls", "no-tls"],
  s3: ["bucket", "region", "access-key", "new-key", "prefix", "endpoint"],
};

/** Of which kind of stream the options speak, so that none of them is passed over. */
function kindOf(input: Input): contract.StreamKind | undefined {
  const given = contract.streamKinds.flatMap((kind) => {
    const option = optionsOf[kind].find((name) => input.options[name] !== undefined);
    return option === undefined ? [] : [{ kind, option }];
  });
  const [first, second] = given;
  if (!second) return first?.kind;
  throw new Refusal("invalid", `--${first?.option} and --${second.option} are of two kinds of streams.`, {
    fix: "See the command's --help.",
  });
}

/** Where it goes, as far as that is named. */
function place(input: Input): Record<string, unknown> {
  const [host, port] = /^(.*):(\d+)$/.exec(text(input, "syslog") ?? "")?.slice(1) ?? [text(input, "syslog")];
  return named({
    ...{ url: text(input, "webhook"), host, port, tls: flag(input, "tls") ? "true" : undefined },
    ...{ bucket: text(input, "bucket"), region: text(input, "region"), accessKeyId: text(input, "access-key") },
    ...{ prefix: text(input, "prefix"), endpoint: text(input, "endpoint") },
  });
}

/** What it sends, and from when on, as far as that is named. */
function what(input: Input): Record<string, unknown> {
  const filter = text(input, "filter");
  return named({
    ...{ name: text(input, "name"), format: text(input, "format"), from: text(input, "from") },
    query: filter === undefined ? undefined : filterQuery(parse(auditFilter, { q: filter })),
  });
}

function named(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** As lines of a name and a value each. */
async function headersGiven(input: Input): Promise<string> {
  const names = [input.options.header ?? []].flat().map(String);
  const values = await readSecrets(names.map((name) => `${name}: `));
  return names.map((name, at) => `${name}: ${values[at] ?? ""}`).join("\n");
}

function secretLine(secret: string | null): string {
  return secret === null ? "" : `\nIts signing secret, which is not shown again: ${secret}`;
}

const test: Command = {
  name: "audit streams test",
  usage: "STREAM",
  summary: "Send one marked event to a stream's receiver; ends with 6 when it does not arrive",
  async run(actor, input) {
    const outcome = await sendTest(actor, await find(actor, input));
    const shown = [outcome.answer, outcome.fix].filter(Boolean).join(" ");
    return { json: outcome, text: shown, exitCode: outcome.delivered ? 0 : exitCodeOf.unreachable };
  },
};

/** A command of one stream that answers in one sentence. */
function act(
  verb: string,
  summary: string,
  work: (actor: Actor, stream: { id: string }) => Promise<void>,
  done: string,
) {
  return {
    name: `audit streams ${verb}`,
    usage: "STREAM",
    summary,
    async run(actor: Actor, input: Input) {
      const { id } = await find(actor, input);
      await work(actor, { id });
      return { json: { id }, text: done };
    },
  } satisfies Command;
}

async function find(actor: Actor, input: Input): Promise<contract.StreamView> {
  const streams = await listStreams(actor);
  const id = pick("stream", only(input, "a stream"), streams, (stream) => [stream.id, stream.name]);
  return await readStream(actor, id);
}

export const streamCommands: Command[] = [
  list,
  add,
  change,
  test,
  act("pause", "Send nothing until it is resumed", pauseStream, "Paused. What is committed meanwhile is sent later."),
  act("resume", "Send on, with everything that was committed meanwhile", resumeStream, "Resumed."),
  act("remove", "End a stream; how far it had got is forgotten", removeStream, "Removed. Nothing more is sent."),
];
