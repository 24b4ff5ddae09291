/** One term of a filter as a chip. `without` and `turned` are the whole text without it, and with it left out or taken in. */
export interface Chip {
  text: string;
  negated: boolean;
  without: string;
  turned: string;
}

export type Read = { ok: true; chips: Chip[] } | { ok: false; message: string; at: number };

/** What may stand at the caret: replaces the text from `start` to `end`. */
export interface Suggestion {
  insert: string;
  label: string;
  note?: string;
  start: number;
  end: number;
}

export interface Suggested {
  list: Suggestion[];
  /** What is missing from the list, in one sentence. */
  missing?: string;
}

/** What a box has to know of the language that is typed into it. Define it once, at module level of a client file. */
export interface QueryLanguage {
  read(text: string): Read;
  suggest(text: string, caret: number, signal: AbortSignal): Promise<Suggested>;
}
