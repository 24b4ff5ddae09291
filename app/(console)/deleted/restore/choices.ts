const prefix = "choice.";

/** The choices that a link carries, as `choice.COLUMN=null` or `=skip`. */
export function chosenIn(params: Record<string, string | string[] | undefined>): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name.startsWith(prefix) && typeof value === "string" && value !== "") chosen[name.slice(prefix.length)] = value;
  }
  return chosen;
}

export function choiceParam(column: string): string {
  return `${prefix}${column}`;
}
