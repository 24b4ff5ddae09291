/** The words of an identifier in lower case: `providerAccountId`, `provider_account_id` and `ProviderAccountID` are one. */
export function words(identifier: string): string[] {
  return identifier
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}

export function squeezed(identifier: string): string {
  return words(identifier).join("");
}

/** English plurals as table names use them: companies, addresses, people, tenants. */
function singular(word: string): string {
  if (word === "people") return "person";
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") && !word.endsWith("ss") && !word.endsWith("us") ? word.slice(0, -1) : word;
}

/** A table's name as one thing: `TenantAccounts` is `tenantaccount`. */
export function thing(table: string): string {
  const parts = words(table);
  const last = parts.at(-1) ?? "";
  return [...parts.slice(0, -1), singular(last)].join("");
}
