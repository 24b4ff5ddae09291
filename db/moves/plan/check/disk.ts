import { controlPool } from "../../../control.ts";
import type { MoveProblem } from "../../contract.ts";
import type { FoundTable } from "../catalog.ts";
import type { PlannedTable } from "../tables.ts";

/** What an administrator said that a server's disk holds, and what its databases took when they were last looked at. */
export interface Room {
  serverName: string;
  diskBytes: number | null;
  usedBytes: number | null;
}

/** A sample that is older says nothing about what is free. */
const sampleHours = 24;
/** Beyond this part of a disk, placing puts no tenant: WAL, logs and temporary files are not in what is used. */
const usedMax = 0.7;
/** A database of its own, before anything is in it. */
const emptyDatabase = 8_000_000;

export async function readRoom(serverId: string): Promise<Room> {
  const { rows } = await controlPool().query<Room>(
    `SELECT s.name AS "serverName", s.disk_bytes::float8 AS "diskBytes", last.used_bytes::float8 AS "usedBytes"
       FROM servers s
       LEFT JOIN LATERAL (SELECT used_bytes FROM server_samples
                           WHERE server_id = s.id AND sampled_at > now() - make_interval(hours => $2)
                           ORDER BY sampled_at DESC LIMIT 1) AS last ON true
      WHERE s.id = $1`,
    [serverId, sampleHours],
  );
  const [room] = rows;
  if (!room) throw new Error(`There is no server ${serverId}.`);
  return room;
}

/** Bytes that the copy takes at the new place: its tables and their indexes, and WAL of the same size until it is recycled. */
export function bytesNeeded(
  planned: readonly PlannedTable[],
  found: readonly FoundTable[],
  createDatabase: boolean,
): number {
  const copied = planned.reduce((sum, { name, estimatedBytes }) => {
    const table = found.find((one) => one.name === name);
    const indexes = table && table.bytes > 0 ? table.indexBytes / table.bytes : 0;
    return sum + estimatedBytes * (1 + indexes);
  }, 0);
  return Math.round(2 * copied) + (createDatabase ? emptyDatabase : 0);
}

/** The old rows stay where they are until the move is completed, so that nothing becomes free before. */
export function checkDisk({ serverName, diskBytes, usedBytes }: Room, needed: number): MoveProblem[] {
  const problem = (severity: MoveProblem["severity"], code: string, message: string, fix: string): MoveProblem[] => [
    { severity, code, subject: serverName, message, fix },
  ];
  const needs = `the move needs about ${size(needed)}`;
  if (diskBytes === null || usedBytes === null) {
    const why = diskBytes === null ? "nobody said how large its disk is" : "it was not sampled within a day";
    return problem(
      "warning",
      "disk_unknown",
      `How much is free on ${serverName} is not known, since ${why}; ${needs}.`,
      diskBytes === null
        ? "Say it under Tenants, Servers, Capacity…: PostgreSQL cannot tell."
        : "Start the worker, which samples servers every five minutes.",
    );
  }
  const free = Math.max(0, diskBytes - usedBytes);
  if (needed > free) {
    return problem(
      "blocking",
      "disk_full",
      `${size(free)} of ${size(diskBytes)} are free on ${serverName}, and ${needs}.`,
      "Choose another server, make room there, or give it a larger disk and say so under Tenants, Servers.",
    );
  }
  const after = (usedBytes + needed) / diskBytes;
  if (after <= usedMax) return [];
  return problem(
    "warning",
    "disk_tight",
    `The disk of ${serverName} would be ${Math.round(after * 100)} % full: ${needs}, and ${size(free)} are free.`,
    "WAL, logs and temporary files are not in that: look at what is really free, or choose another server.",
  );
}

const units = ["bytes", "kB", "MB", "GB", "TB"];

function size(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
