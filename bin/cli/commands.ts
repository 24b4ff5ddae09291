import type { Command } from "./command.ts";
import { auditCommands } from "./commands/audit.ts";
import { keyCommands } from "./commands/keys.ts";
import { serverCommands } from "./commands/servers.ts";
import { setupCommands } from "./commands/setup.ts";
import { tenantCommands } from "./commands/tenants.ts";

export const commands: Command[] = [
  ...serverCommands,
  ...tenantCommands,
  ...auditCommands,
  ...keyCommands,
  ...setupCommands,
];
