import { Refusal } from "../errors.ts";
import type { DatabaseConnection } from "../fleet.ts";
import { silenceWords, ToolFailure } from "./tool-process.ts";

/** Turns what stops a dump into words and a way out; anything else stays as it came. */
export function named(error: unknown, { user, database }: DatabaseConnection): unknown {
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return new Refusal("unreachable", "The disk that holds the backups is full.", {
      fix: "Free space there, or point CARETAKER_DATA to a larger disk. What was begun has been removed.",
      cause: error,
    });
  }
  if (!(error instanceof ToolFailure)) return error;
  const text = error.lines.join("\n");
  if (/row-level security/.test(text)) {
    return refusal(error, `Row-level security hides rows from ${user}, so the dump would not be whole.`, {
      fix: `Let it see everything: ALTER ROLE ${quote(user)} BYPASSRLS.`,
    });
  }
  if (/permission denied/.test(text)) {
    return refusal(error, `${user} may not read everything in ${database}.`, {
      fix: `Let it read: GRANT pg_read_all_data TO ${quote(user)}.`,
    });
  }
  if (/due to (lock|statement) timeout/.test(text)) {
    return new Refusal("timeout", `Somebody held a table of ${database} for a minute, so it could not be dumped.`, {
      fix: "Run the backup again when nobody changes or rewrites its tables.",
      cause: error,
    });
  }
  if (text.includes(silenceWords)) {
    return new Refusal("timeout", `The dump of ${database} stood still: ${error.lines.at(-1)}.`, {
      fix: "Test the server's connection on Databases, then run the backup again.",
      cause: error,
    });
  }
  if (/server version mismatch/.test(text)) {
    return refusal(error, "pg_dump is older than the server.", {
      fix: "Install the server's own version of the tools.",
    });
  }
  if (/(could not connect|connection to server)/.test(text)) {
    return new Refusal("unreachable", `The server did not let pg_dump in: ${error.lines.at(-1)}.`, {
      fix: "Test the server's connection on Databases, then run the backup again.",
      cause: error,
    });
  }
  return refusal(error, `pg_dump failed: ${error.lines.slice(-3).join(" ") || error.message}`, {});
}

function refusal(cause: ToolFailure, message: string, more: { fix?: string }): Refusal {
  const said = cause.lines.at(-1);
  return new Refusal("unsupported", said && !message.includes(said) ? `${message} pg_dump said: ${said}.` : message, {
    ...more,
    cause,
  });
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
