/** What makes a word a field: "action:", "old.status:", 'old."first name":'. */
export const namePattern = /^([\p{L}_]+)(?:\.("(?:[^"\\]|\\.)*"|[^\s:"]*))?:/u;

/** A part of the text that cannot be read, and at which character. */
export class Unreadable extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** One value as it stands in the text: a quoted one means exactly what it says. */
export interface Atom {
  text: string;
  quoted: boolean;
  /** Whether a * follows the quoted text: "Ada L"*. */
  starred: boolean;
  at: number;
}

/** Reads the text from left to right; `at` is the next character. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get rest(): string {
    return this.text.slice(this.at);
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (/^\s/.test(this.rest)) this.at += 1;
  }

  /** Takes `expected` when it comes next. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  /** A quoted text, or everything up to a space or one of `ends`. */
  atom(ends: readonly string[]): Atom {
    const at = this.at;
    if (this.take('"')) return { text: this.closing(at), quoted: true, starred: this.take("*"), at };
    const stops = (rest: string) => /^\s/.test(rest) || ends.some((end) => rest.startsWith(end));
    while (!this.done && !stops(this.rest)) this.at += 1;
    return { text: this.text.slice(at, this.at), quoted: false, starred: false, at };
  }

  private closing(opened: number): string {
    let text = "";
    for (; !this.done; this.at += 1) {
      const next = this.text.charAt(this.at);
      if (next === '"') {
        this.at += 1;
        return text;
      }
      if (next === "\\" && this.at + 1 < this.text.length) this.at += 1;
      text += this.text.charAt(this.at);
    }
    throw new Unreadable('This quotation mark is never closed. Write " at the end.', opened);
  }
}
