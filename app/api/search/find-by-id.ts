import { reportHref } from "#app/(console)/deleted/addresses.ts";
import type { Hit } from "#app/(console)/shell/search-contract.ts";
import type { Actor } from "#db/actor.ts";
import { readExport } from "#db/audit/export/list.ts";
import { listHolds } from "#db/audit/retention/holds.ts";
import { readStream } from "#db/audit/stream/list.ts";
import { readBackup } from "#db/backups/read.ts";
import type { Capability } from "#db/capabilities.ts";
import { listServers } from "#db/databases/servers.ts";
import { readJob } from "#db/jobs/read.ts";
import { readMove } from "#db/moves/read.ts";
import { readErasure } from "#db/records/erasure/list.ts";
import { readRestore } from "#db/records/restore/report/read.ts";
import { readStaffMember } from "#db/staff/people.ts";

export interface ById {
  what: string;
  capability: Capability;
  find: (actor: Actor, id: string) => Promise<Hit[]>;
}

/** What the console itself keeps under an id of its own, and the screen where each is shown. */
export const byId: readonly ById[] = [
  { what: "jobs", capability: "jobs.read", find: findJob },
  { what: "moves", capability: "tenants.read", find: findMove },
  { what: "servers", capability: "databases.read", find: findServer },
  { what: "backups", capability: "backups.read", find: findBackup },
  { what: "exports", capability: "audit.read", find: findExport },
  { what: "streams", capability: "audit.read", find: findStream },
  { what: "legal holds", capability: "records.read", find: findHold },
  { what: "restores", capability: "records.read", find: findRestore },
  { what: "erasures", capability: "records.read", find: findErasure },
  { what: "staff", capability: "staff.manage", find: findPerson },
];

async function findJob(actor: Actor, id: string): Promise<Hit[]> {
  const { title, state } = await readJob(actor, id);
  return [{ kind: "job", id, title, detail: state, href: `/jobs/${id}` }];
}

async function findMove(actor: Actor, id: string): Promise<Hit[]> {
  const { tenantName, state } = await readMove(actor, id);
  const title = `Move of ${tenantName}`;
  return [{ kind: "move", id, title, detail: state.replaceAll("_", " "), href: `/tenants/moves/${id}` }];
}

/** Whoever may not change servers sees them where tenants are placed. */
async function findServer(actor: Actor, id: string): Promise<Hit[]> {
  const servers = (await listServers(actor)).filter((server) => server.id === id);
  const href = actor.capabilities.has("databases.manage") ? `/databases/add?server=${id}` : "/tenants/servers";
  return servers.map(({ name, host, port }) => ({ kind: "server", id, title: name, detail: `${host}:${port}`, href }));
}

async function findBackup(actor: Actor, id: string): Promise<Hit[]> {
  const { databaseName, state } = await readBackup(actor, id);
  return [{ kind: "backup", id, title: `Backup of ${databaseName}`, detail: state, href: `/backups/${id}` }];
}

async function findExport(actor: Actor, id: string): Promise<Hit[]> {
  const { file, actorName, state } = await readExport(actor, id);
  const title = file ?? `Export asked for by ${actorName}`;
  return [{ kind: "export", id, title, detail: state, href: `/audit/exports/${id}` }];
}

async function findStream(actor: Actor, id: string): Promise<Hit[]> {
  const { name, standing } = await readStream(actor, id);
  return [{ kind: "stream", id, title: name, detail: standing, href: `/audit/streams/${id}` }];
}

async function findHold(actor: Actor, id: string): Promise<Hit[]> {
  const holds = (await listHolds(actor)).filter((hold) => hold.id === id);
  return holds.map(({ name, releasedAt }) => ({
    kind: "hold",
    id,
    title: name,
    detail: releasedAt === null ? "stands" : "released",
    href: `/deleted/holds#${id}`,
  }));
}

async function findRestore(actor: Actor, id: string): Promise<Hit[]> {
  const { subject, databaseName, state } = await readRestore(actor, { id });
  return [{ kind: "restore", id, title: subject, detail: `${databaseName}, ${state}`, href: reportHref(id) }];
}

async function findErasure(actor: Actor, id: string): Promise<Hit[]> {
  const { subject, databaseName, state } = await readErasure(actor, id);
  const detail = `${databaseName}, ${state}`;
  return [{ kind: "erasure", id, title: subject, detail, href: `/deleted/erasures/${id}` }];
}

async function findPerson(actor: Actor, id: string): Promise<Hit[]> {
  const { name, role } = await readStaffMember(actor, id);
  return [{ kind: "person", id, title: name, detail: role, href: `/settings/staff/${id}` }];
}
