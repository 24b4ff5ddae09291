import type { Duplex } from "node:stream";
import type pg from "pg";

/** A row where it came in, without its line feed. */
export interface PrintedRow {
  bytes: Buffer;
  from: number;
  to: number;
}

export interface RowReader {
  take(row: PrintedRow): void;
  /** Asked after each piece that came in; where there is a promise, nothing more is read until it is fulfilled. */
  pause(): Promise<void> | null;
}

/**
 * Reads what COPY … TO STDOUT prints, and answers how many rows PostgreSQL says it were. Each row is handed on where it came in:
 * pg-copy-streams makes a buffer of every row and one of all of them, which is then taken apart again; that was a third of what
 * sealing and of what exporting cost.
 *
 * @throws DatabaseError of the statement; the signal's reason or what the reader threw, and then the connection is of no use.
 */
export async function readCopy(
  client: pg.ClientBase,
  text: string,
  signal: AbortSignal,
  reader: RowReader,
): Promise<number> {
  signal.throwIfAborted();
  const copying = new Copying(text, reader);
  const abort = () => copying.fail(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    client.query(copying);
    return await copying.done;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

const headBytes = 5;
const [copyData, copyOut, notice, parameter] = ["d", "H", "N", "S"].map((kind) => kind.charCodeAt(0));

/** What the driver runs as a query. From its submission to the end of the rows the server's bytes come here, and not to the driver. */
class Copying implements pg.Submittable {
  /** Set by the driver; ends the statement's deadline. */
  callback: (() => void) | undefined;
  readonly #settled = Promise.withResolvers<number>();
  #rows = 0;
  #isOver = false;
  readonly #text: string;
  readonly #reader: RowReader;
  /** What came in of a message, and how long it is as far as is known. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #wanted = headBytes;

  constructor(text: string, reader: RowReader) {
    this.#text = text;
    this.#reader = reader;
  }

  get done(): Promise<number> {
    return this.#settled.promise;
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#settled.reject(error);
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    const [drivers] = stream.listeners("data");
    if (!drivers) throw new Error("Nobody reads this connection.");
    const listen = (chunk: Buffer) => {
      const rest = this.#read(stream, chunk);
      if (!rest) return;
      stream.removeListener("data", listen);
      Reflect.apply(stream.on, stream, ["data", drivers]);
      Reflect.apply(drivers, stream, [rest]);
    };
    Reflect.apply(stream.removeListener, stream, ["data", drivers]);
    stream.on("data", listen);
    connection.query(this.#text);
  }

  #read(stream: Duplex, chunk: Buffer): Buffer | null {
    if (this.#isOver) return null;
    try {
      const rest = this.#take(chunk);
      const pause = rest ? null : this.#reader.pause();
      if (pause) {
        stream.pause();
        pause.then(
          () => stream.resume(),
          (error: unknown) => this.fail(error),
        );
      }
      return rest;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /** Hands rows on. Answers what is for the driver to read: the end of the rows or an error, and what follows it. */
  #take(chunk: Buffer): Buffer | null {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wanted) return null;
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    let at = 0;
    for (;;) {
      this.#wanted = at + headBytes > bytes.length ? headBytes : 1 + bytes.readUInt32BE(at + 1);
      if (at + this.#wanted > bytes.length) break;
      const kind = bytes[at];
      // The server sends one row a message.
      if (kind === copyData) this.#reader.take({ bytes, from: at + headBytes, to: at + this.#wanted - 1 });
      else if (kind !== copyOut && kind !== notice && kind !== parameter) return bytes.subarray(at);
      at += this.#wanted;
    }
    this.#held = [bytes.subarray(at)];
    this.#heldBytes = bytes.length - at;
    return null;
  }

  handleError(error: unknown): void {
    this.fail(error);
    this.callback?.();
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#rows = Number(text.slice("COPY ".length));
  }

  handleReadyForQuery(): void {
    this.#settled.resolve(this.#rows);
    this.callback?.();
  }
}
