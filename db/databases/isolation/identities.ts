import type { Policy, Routine } from "./policies.ts";
import type { Identity } from "./session.ts";
import type { RoleFacts } from "./survey.ts";

// How a session says for which tenant it works. Policies tell by which settings; which value each of them takes is found out by
// trying: an identity counts only once it sees its own rows.

export interface Tenant {
  key: string;
  slug: string | null;
  /** A user of this tenant and of no other that is tried. */
  user: string | null;
}

export interface Vocabulary {
  /** Settings that policies, functions and views read. */
  settings: string[];
  /** Fields that they take out of settings that hold JSON. */
  fields: string[];
  /** Settings that are read as JSON. */
  json: string[];
  byRole: boolean;
}

/** Caretaker's own rows are always secured by this one. */
const ownSetting = "app.current_tenant_id";

export function vocabularyOf(
  policies: readonly Policy[],
  routines: readonly Routine[],
  views: readonly string[],
): Vocabulary {
  const rules = policies.flatMap(({ using, check }) => [using ?? "", check ?? ""]);
  const texts = [...rules, ...routines.map(({ body }) => body), ...views];
  const settings = new Set<string>([ownSetting]);
  const json = new Set<string>();
  const fields = new Set<string>();
  for (const text of texts) {
    for (const [, name = "", rest = ""] of text.matchAll(/current_setting\(\s*'([^']+\.[^']+)'([\s\S]{0,80})/gi)) {
      settings.add(name);
      if (/::\s*jsonb?\b/i.test(rest)) json.add(name);
    }
    if (json.size > 0) for (const [, field = ""] of text.matchAll(/->>?\s*'([^']+)'/g)) fields.add(field);
  }
  const asks = /\b(current_user|session_user|current_role|pg_has_role)\b/i;
  const byRole =
    texts.some((text) => asks.test(text)) || policies.some(({ roles, applies }) => !applies && roles.length > 0);
  return { settings: [...settings], json: [...json], fields: [...fields], byRole };
}

/** One way to be a tenant: how its settings are filled, and whether a role of its own is taken. */
export type Recipe = (tenant: Tenant) => Identity | null;

type Fill = (setting: string, tenant: Tenant) => string | null;

export function recipes(facts: RoleFacts, vocabulary: Vocabulary, tenantColumns: ReadonlySet<string>): Recipe[] {
  const fills: Fill[] = [
    (setting, tenant) => (isUserish(setting, tenantColumns) ? (tenant.user ?? tenant.key) : tenant.key),
    (_setting, tenant) => tenant.key,
    (_setting, tenant) => tenant.slug,
    (_setting, tenant) => tenant.user,
  ];
  const plain = fills.map(
    (fill): Recipe =>
      (tenant) =>
        identityOf(facts.name, tenant, fill, vocabulary),
  );
  if (!vocabulary.byRole) return plain;
  const roles = facts.reachable.filter(({ superuser, bypasses }) => !superuser && !bypasses).map(({ name }) => name);
  const [fill] = fills;
  const named: Recipe = (tenant) => {
    const role = roleFor(tenant, roles);
    return role !== null && fill ? identityOf(role, tenant, fill, vocabulary) : null;
  };
  return [named, ...plain];
}

function identityOf(role: string, tenant: Tenant, fill: Fill, vocabulary: Vocabulary): Identity | null {
  const settings: [string, string][] = [];
  for (const setting of vocabulary.settings) {
    const value = vocabulary.json.includes(setting) ? claims(vocabulary.fields, tenant, fill) : fill(setting, tenant);
    if (value === null) return null;
    settings.push([setting, value]);
  }
  return { label: `tenant ${tenant.key}`, role, settings };
}

function claims(fields: readonly string[], tenant: Tenant, fill: Fill): string {
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, fill(field, tenant)])));
}

/** `app.user_id` and `sub` name a person, unless the tenant's own column is called like that. */
function isUserish(setting: string, tenantColumns: ReadonlySet<string>): boolean {
  const last = squeeze(setting.split(".").at(-1) ?? setting);
  for (const column of tenantColumns)
    if (last.includes(squeeze(column)) || squeeze(column).includes(last)) return false;
  if (/tenant|org|company|team|workspace|customer|client|site|shop/.test(last)) return false;
  return /user|member|person|actor|uid|^sub$|staff|employee|account/.test(last);
}

function squeeze(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The role that is named after the tenant: exactly, by its end, or with the key somewhere in it. */
function roleFor(tenant: Tenant, roles: readonly string[]): string | null {
  const names = [tenant.key, tenant.slug].flatMap((name) => (name === null ? [] : [squeeze(name)]));
  const fits = [
    (role: string, name: string) => role === name,
    (role: string, name: string) => new RegExp(`(^|[^a-z0-9])${name}$`).test(role),
    (role: string, name: string) => name.length > 2 && squeeze(role).includes(name),
  ];
  for (const matches of fits) {
    const found = roles.find((role) =>
      names.some((name) => matches(role.toLowerCase(), name) || matches(squeeze(role), name)),
    );
    if (found) return found;
  }
  return null;
}

/** Sessions that belong to no tenant: nothing set, set to nothing, and set to what no tenant is called. */
export function nobodies(facts: RoleFacts, { settings, json }: Vocabulary, ghost: Identity): Identity[] {
  const all = (label: string, value: string): Identity => ({
    label,
    role: facts.name,
    settings: settings.map((name): [string, string] => [name, json.includes(name) && value !== "" ? "{}" : value]),
  });
  return [
    all("an empty setting", ""),
    { ...ghost, label: "a tenant that does not exist" },
    all("the setting %", "%"),
    all("the setting null", "null"),
  ];
}

export function unset(facts: RoleFacts): Identity {
  return { label: "no setting", role: facts.name, settings: [] };
}

/** A key that no tenant has, in the type of the column. */
export function ghostKey(type: string): string {
  if (/^(smallint)/.test(type)) return "32701";
  if (/^(integer|bigint|numeric)/.test(type)) return "2147483601";
  if (type === "uuid") return "ffffffff-ffff-4fff-bfff-fffffffffff1";
  return "caretaker-nobody";
}
