import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

interface DuckOptions {
  /** As DuckDB writes sizes. */
  memory: string;
  threads: number;
  signal: AbortSignal;
  /** Where it may spill; without it, it may not. */
  folder?: string;
}

/**
 * A DuckDB of its own for one piece of work: nothing is kept, nothing is fetched from the network, and an abort interrupts what
 * runs.
 */
export async function withDuck<T>(options: DuckOptions, work: (duck: DuckDBConnection) => Promise<T>): Promise<T> {
  const { memory, threads, signal, folder } = options;
  signal.throwIfAborted();
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: memory,
    threads: String(threads),
    temp_directory: folder ?? "",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const duck = await instance.connect();
  const interrupt = () => duck.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    await duck.run("SET TimeZone = 'UTC'");
    return await work(duck);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", interrupt);
    duck.closeSync();
    instance.closeSync();
  }
}

/** Quotes text for DuckDB, for the few places that take no parameter, such as a file's name. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
