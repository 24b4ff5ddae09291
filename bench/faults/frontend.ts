/** Reads the statements out of what one client sends to PostgreSQL: the protocol's simple queries and parse messages, in order. */
export class Statements {
  private begun = false;
  private skip = 0;
  private rest: Buffer = Buffer.alloc(0);

  /** The statements that begin in this chunk; one that is longer than its chunk is cut off. */
  push(chunk: Buffer): string[] {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const found: string[] = [];
    for (;;) {
      const passed = Math.min(this.skip, data.length);
      data = data.subarray(passed);
      this.skip -= passed;
      // Only the first message has no type.
      const typed = this.begun ? 1 : 0;
      if (this.skip > 0 || data.length < typed + 4) break;
      this.skip = typed + data.readInt32BE(typed);
      if (this.begun) found.push(...statementIn(data.subarray(0, this.skip)));
      this.begun = true;
    }
    this.rest = Buffer.from(data);
    return found;
  }
}

function statementIn(message: Buffer): string[] {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type === "Q") return [textAt(message, 5)];
  return type === "P" ? [textAt(message, message.indexOf(0, 5) + 1)] : [];
}

function textAt(message: Buffer, from: number): string {
  const end = message.indexOf(0, from);
  return message.subarray(from, end < 0 ? undefined : end).toString();
}
