import { canonicalColumns, jsonColumns } from "./canonical.ts";

interface Column {
  name: string;
  /** What stands before the value. */
  mark: Buffer;
  /** The next column's. */
  next: Buffer | undefined;
  isJson: boolean;
}

// PostgreSQL prints a space after each comma and colon inside of JSON columns, and a quote there is either escaped or ends a text:
// none of these marks can stand inside a value.
const marks = canonicalColumns.map((name, at) => Buffer.from(`${at === 0 ? "{" : ","}"${name}":`));

const columns = canonicalColumns.map((name, at): Column => {
  return { name, mark: marks[at] ?? nothing, next: marks[at + 1], isJson: jsonColumns.has(name) };
});

const code = (character: string) => character.charCodeAt(0);
const [space, quote, backslash] = [code(" "), code('"'), code("\\")];
const [tab, dot, zero, slash, colon, brace] = [code("\t"), code("."), code("0"), code("/"), code(":"), code("}")];
const [n, t, u, v, z] = [code("n"), code("T"), code("u"), code("v"), code("Z")];

/** Escapes that JSON and COPY have in common. */
const common = new Set([..."bfnrt\\"].map(code));
const nothing = Buffer.from("null");
const utc = Buffer.from("+00");

/**
 * Tells the canonical row of an exported line, byte by byte: taking the line apart into texts and putting them together again took
 * three times as long. What PostgreSQL would have printed otherwise is refused, so that a row has one line only, and no line
 * reads otherwise than what was sealed and passes for it.
 */
export class LineRow {
  /** The row stands in [0, length) until the next line is read. */
  bytes: Buffer = Buffer.alloc(1 << 16);
  length = 0;
  #line: Buffer = nothing;
  #at = 0;
  #end = 0;

  /** @throws Error when [from, to) is not what the lossless export prints. */
  read(line: Buffer, from: number, to: number): void {
    // No byte of a line becomes more than two of the row.
    if (2 * (to - from) > this.bytes.length) this.bytes = Buffer.alloc(4 * (to - from));
    [this.#line, this.#at, this.#end, this.length] = [line, from, to, 0];
    for (const column of columns) {
      if (this.length > 0) this.bytes[this.length++] = tab;
      if (!this.#skip(column.mark)) throw new Error(`The column ${column.name} is not where it should be.`);
      if (line[this.#at] === n && this.#skip(nothing)) this.#null();
      else if (column.isJson) this.#json(column.next);
      else this.#plain(column.name);
    }
    if (this.#at !== to - 1 || line[this.#at] !== brace)
      throw new Error("The line does not end where its last column ends.");
  }

  get id(): string {
    return this.bytes.toString("latin1", 0, this.bytes.indexOf(tab));
  }

  #plain(name: string): void {
    const from = this.length;
    this.#text();
    if (name === "created_at") this.#moment();
    if (name === "ip_address") this.#address(from);
  }

  #skip(mark: Buffer): boolean {
    const [line, from] = [this.#line, this.#at];
    for (let at = 0; at < mark.length; at++) if (line[from + at] !== mark[at]) return false;
    this.#at += mark.length;
    return true;
  }

  #null(): void {
    this.bytes[this.length++] = backslash;
    this.bytes[this.length++] = code("N");
  }

  /** A text without its quotes. */
  #text(): void {
    const [line, bytes, end] = [this.#line, this.bytes, this.#end];
    let length = this.length;
    if (line[this.#at] !== quote) throw new Error("A text should begin here.");
    for (let at = this.#at + 1; at < end; at++) {
      const byte = line[at] ?? 0;
      if (byte === quote) {
        [this.#at, this.length] = [at + 1, length];
        return;
      }
      if (byte < space) break;
      if (byte !== backslash) {
        bytes[length++] = byte;
        continue;
      }
      this.length = length;
      at = this.#escape(at + 1);
      length = this.length;
    }
    throw new Error("A text has no end.");
  }

  /** What follows a backslash at `at`; answers where it ends. */
  #escape(at: number): number {
    const byte = this.#line[at] ?? 0;
    if (byte === quote) {
      this.bytes[this.length++] = quote;
      return at;
    }
    if (common.has(byte)) {
      this.bytes[this.length++] = backslash;
      this.bytes[this.length++] = byte;
      return at;
    }
    const control =
      byte === u ? controls.get(this.#line.toString("latin1", at + 1, Math.min(at + 5, this.#end))) : undefined;
    if (control === undefined) throw new Error("A text holds an escape that is never printed.");
    for (const one of control) this.bytes[this.length++] = one;
    return at + 4;
  }

  /** The text of an object or a list as it stands there; where it ends is known by what comes next. */
  #json(next: Buffer | undefined): void {
    const from = this.#at;
    const to = next ? this.#line.indexOf(next, from) : this.#end - 1;
    if (to < from || to >= this.#end) throw new Error("A value has no end.");
    // Most values hold no backslash, and looking for one is much faster than going through the bytes.
    if (this.#line.subarray(from, to).includes(backslash)) this.#doubled(from, to);
    else this.length += this.#line.copy(this.bytes, this.length, from, to);
    this.#at = to;
  }

  #doubled(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = this.#line[at] ?? 0;
      if (byte === backslash) this.bytes[this.length++] = backslash;
      this.bytes[this.length++] = byte;
    }
  }

  /** 2026-10-01T08:00:00.120000Z, which was just written, as 2026-10-01 08:00:00.12+00. */
  #moment(): void {
    const { bytes, length } = this;
    const [day, point, end] = [length - 17, length - 8, length - 1];
    if (bytes[day] !== t || bytes[point] !== dot || bytes[end] !== z)
      throw new Error("A moment is not written in full.");
    bytes[day] = space;
    this.length = end;
    while (bytes[this.length - 1] === zero) this.length -= 1;
    if (this.length === point + 1) this.length = point;
    for (const byte of utc) bytes[this.length++] = byte;
  }

  /** A single host, which was written from `from` on, is printed without its mask. */
  #address(from: number): void {
    const { bytes, length } = this;
    let mask = length - 1;
    while (mask > from && bytes[mask] !== slash) mask -= 1;
    if (mask === from) throw new Error("An address has no mask.");
    const full = bytes.subarray(from, mask).includes(colon) ? "128" : "32";
    if (bytes.toString("latin1", mask + 1, length) === full) this.length = mask;
  }
}

/** Control characters that JSON has no letter for, by their digits: COPY prints them as they are, but for one. */
const controls = new Map<string, readonly number[]>();
for (let character = 1; character < 32; character++) {
  if ("\b\f\n\r\t".includes(String.fromCharCode(character))) continue;
  const digits = character.toString(16).padStart(4, "0");
  controls.set(digits, character === 11 ? [backslash, v] : [character]);
}
