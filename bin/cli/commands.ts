import type { Command } from "./command.ts";

// By the command's first word; only what is needed is loaded, since loading everything takes a second.
const groups = {
  servers: async () => (await import("./commands/servers.ts")).serverCommands,
  adopt: async () => (await import("./commands/adopt.ts")).adoptCommands,
  tenants: async () => [
    ...(await import("./commands/tenants.ts")).tenantCommands,
    ...(await import("./commands/tenants-life.ts")).tenantLifeCommands,
  ],
  isolation: async () => (await import("./commands/isolation.ts")).isolationCommands,
  moves: async () => [
    ...(await import("./commands/moves.ts")).moveCommands,
    ...(await import("./commands/leftovers.ts")).leftoverCommands,
  ],
  audit: async () => (await import("./commands/audit.ts")).auditCommands,
  deleted: async () => [
    ...(await import("./commands/deleted.ts")).deletedCommands,
    ...(await import("./commands/restore.ts")).restoreCommands,
  ],
  erasures: async () => (await import("./commands/erasures.ts")).erasureCommands,
  holds: async () => (await import("./commands/holds.ts")).holdCommands,
  retention: async () => (await import("./commands/retention.ts")).retentionCommands,
  backup: async () => (await import("./commands/backup.ts")).backupCommands,
  keys: async () => (await import("./commands/keys.ts")).keyCommands,
  setup: async () => (await import("./commands/setup.ts")).setupCommands,
} satisfies Record<string, () => Promise<Command[]>>;

/** The command that these arguments begin with. */
export async function findCommand(args: readonly string[]): Promise<Command | undefined> {
  const [noun] = args;
  if (!isNoun(noun)) return undefined;
  const commands = await groups[noun]();
  return commands.find(({ name }) => name.split(" ").every((word, at) => args[at] === word));
}

/** All commands, or those of one noun. */
export async function listCommands(noun?: string): Promise<Command[]> {
  if (isNoun(noun)) return await groups[noun]();
  return (await Promise.all(Object.values(groups).map((load) => load()))).flat();
}

/** Whether commands begin with this word; by itself it asks for their list. */
export function isNoun(noun: string | undefined): noun is keyof typeof groups {
  return noun !== undefined && Object.hasOwn(groups, noun);
}
