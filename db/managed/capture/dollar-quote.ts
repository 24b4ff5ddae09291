/** Quotes a function's body with a tag that does not occur in it, whatever a table or column may be called. */
export function dollarQuoted(text: string): string {
  let tag = "capture";
  while (text.includes(`$${tag}$`)) tag += "_";
  return `$${tag}$\n${text}\n$${tag}$`;
}
