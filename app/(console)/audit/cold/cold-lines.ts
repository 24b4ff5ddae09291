import type { ColdLine } from "#db/audit/cold/contract.ts";

/** The lines of an answer about archived months, as they come. An abort ends the search on the server too. */
export async function* coldLines(url: URL, signal: AbortSignal): AsyncGenerator<ColdLine> {
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) throw new Error(`The console answered with status ${response.status}.`);
  yield* linesOf(response.body);
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ColdLine> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as ColdLine;
    if (done) return;
  }
}
