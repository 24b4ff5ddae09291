const irregular: Record<string, string> = {
  people: "person",
  children: "child",
  men: "man",
  women: "woman",
};
const alike = new Set(["news", "series", "media", "metadata", "sms", "equipment", "data", "staff"]);

/** What the rows of a table are called: "payment_refunds" is "payment refund" for one, "payment refunds" for more. */
export function nounOf(table: string, rows: number): string {
  const words = table
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s_.-]+/)
    .filter(Boolean);
  const last = words.pop();
  if (last === undefined) return rows === 1 ? "row" : "rows";
  const one = singular(last);
  return [...words, rows === 1 ? one : plural(one)].join(" ");
}

function singular(word: string): string {
  if (alike.has(word)) return word;
  const known = irregular[word];
  if (known !== undefined) return known;
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|zz|(stat|bon|vir|camp|b)us)es$/.test(word) && !/(ach|ich)es$/.test(word)) return word.slice(0, -2);
  if (/[^siu]s$/.test(word)) return word.slice(0, -1);
  return word;
}

function plural(word: string): string {
  if (alike.has(word)) return word;
  const known = Object.entries(irregular).find(([, one]) => one === word);
  if (known) return known[0];
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return `${word}s`;
}
