export interface Screen {
  name: string;
  /** Where it is, or where the way to it begins: the first link on the page that matches is followed, one after the other. */
  path: string;
  via?: RegExp[];
  /** A page below that link. */
  below?: string;
  /** A page that no link leads to, with ID for the id in that link. */
  beside?: string;
  /** Its address was kept under this name when it was made. */
  kept?: string;
  /** Where it sends whoever opens it. */
  leads?: RegExp;
  /** The folder of its page in the tree, where the address does not say: "/tenants/[id]". */
  page?: string;
}

const oneTenant = /^\/tenants\/[0-9a-f-]{36}/;
const oneCoverage = /^\/audit\/coverage\?database=/;
const oneEntry = /^\/audit\/[^/]+\/\d+/;
const oneApplication = /^\/tenants\/create\?database=/;
export const oneDatabase = /^\/databases\/(?!add)[^/?]+/;

/** Every screen of the console, for the promises that each of them must keep. */
export const screens: Screen[] = [
  { name: "overview", path: "/" },
  { name: "tenants", path: "/tenants" },
  { name: "one tenant", path: "/tenants", via: [oneTenant], page: "/tenants/[id]" },
  {
    name: "the end of a tenant",
    path: "/tenants?status=active",
    via: [oneTenant],
    below: "/leave",
    page: "/tenants/[id]/leave",
  },
  { name: "create a tenant", path: "/tenants/create" },
  { name: "create a tenant in its own schema", path: "/tenants/create?tier=schema" },
  {
    name: "the plan of a new tenant",
    path: "/tenants/create",
    via: [oneApplication],
    beside: "/tenants/create/plan?databaseId=ID&tier=schema&name=Nobody&values.plan=free&values.country=FI",
    page: "/tenants/create/plan",
  },
  { name: "advice on tenants", path: "/tenants/advice" },
  { name: "servers and rebalancing", path: "/tenants/servers" },
  { name: "moves", path: "/tenants/moves" },
  { name: "leftovers of moves", path: "/tenants/moves/leftovers" },
  {
    name: "one move",
    path: "/tenants/moves",
    via: [/^\/tenants\/moves\/[0-9a-f-]{36}/],
    page: "/tenants/moves/[move]",
  },
  {
    name: "the move that a job makes",
    path: "/jobs",
    kept: "move-of-job",
    leads: /\/tenants\/moves\/[0-9a-f-]{36}$/,
    page: "/tenants/moves/job/[id]",
  },
  { name: "a move to choose", path: "/tenants", via: [oneTenant], below: "/move", page: "/tenants/[id]/move" },
  {
    name: "the plan of a move",
    path: "/tenants?tier=shared",
    via: [oneTenant],
    below: "/move?tier=schema&plan=1",
    page: "/tenants/[id]/move",
  },
  { name: "isolation", path: "/tenants/isolation" },
  {
    name: "the isolation of a database",
    path: "/tenants/isolation",
    via: [/^\/tenants\/isolation\/[^/?]+/],
    page: "/tenants/isolation/[database]",
  },
  {
    name: "the isolation of a table",
    path: "/tenants/isolation",
    via: [/^\/tenants\/isolation\/[^/?]+/, /^\/tenants\/isolation\/[^/]+\/relation\?/],
    page: "/tenants/isolation/[database]/relation",
  },
  { name: "audit", path: "/audit" },
  { name: "a filter of the log that cannot be read", path: "/audit?q=tabel%3Ausers" },
  {
    name: "a filter of the log as chips",
    path: "/audit?q=action%3Adelete+-actor%3Asystem&columns=sentence,actor,ip,tx",
  },
  { name: "one audit entry", path: "/audit", via: [oneEntry], page: "/audit/[database]/[id]" },
  {
    name: "the history of a record",
    path: "/audit?action=update",
    via: [oneEntry, /^\/audit\/record\?/],
    page: "/audit/record",
  },
  { name: "exports of the audit trail", path: "/audit/exports" },
  { name: "a new export", path: "/audit/exports/new?q=action%3Adelete" },
  {
    name: "one export",
    path: "/audit/exports",
    via: [/^\/audit\/exports\/[0-9a-f-]{36}/],
    page: "/audit/exports/[id]",
  },
  { name: "streams", path: "/audit/streams" },
  { name: "a new stream", path: "/audit/streams/new" },
  {
    name: "one stream",
    path: "/audit/streams",
    via: [/^\/audit\/streams\/[0-9a-f-]{36}/],
    page: "/audit/streams/[id]",
  },
  {
    name: "a stream that is changed",
    path: "/audit/streams",
    via: [/^\/audit\/streams\/[0-9a-f-]{36}/, /^\/audit\/streams\/[0-9a-f-]{36}\/change$/],
    page: "/audit/streams/[id]/change",
  },
  { name: "proof", path: "/audit/proof" },
  { name: "a new place for checkpoints", path: "/audit/proof/places/new" },
  {
    name: "a place for checkpoints",
    path: "/audit/proof",
    via: [/^\/audit\/proof\/places\/[0-9a-f-]{36}/],
    page: "/audit/proof/places/[id]",
  },
  { name: "a log that needs not go on", path: "/audit/proof/console", page: "/audit/proof/[database]" },
  { name: "coverage", path: "/audit/coverage" },
  { name: "coverage of a database", path: "/audit/coverage", via: [oneCoverage], page: "/audit/coverage" },
  {
    name: "classify columns",
    path: "/audit/coverage",
    via: [oneCoverage, /^\/audit\/coverage\/columns\?/],
    page: "/audit/coverage/columns",
  },
  { name: "retention of the audit trail", path: "/audit/retention" },
  {
    name: "a change of the audit trail's retention",
    path: "/tenants/create",
    via: [oneApplication],
    beside: "/audit/retention/change?databaseId=ID&keepMonths=24&hotMonths=12",
    page: "/audit/retention/change",
  },
  {
    name: "an archived month",
    path: "/audit/retention",
    via: [/^\/audit\/retention\/[0-9a-f-]{36}\/\d{4}-\d\d/],
    page: "/audit/retention/[database]/[month]",
  },
  { name: "who deleted this", path: "/audit/who?q=nobody@example.com" },
  { name: "stories", path: "/audit/stories" },
  {
    name: "one transaction",
    path: "/audit?action=delete",
    via: [oneEntry, /^\/audit\/transaction\/[^/?]+\/\d+/],
    page: "/audit/transaction/[database]/[transaction]",
  },
  {
    name: "one request",
    path: "/audit?q=action%3Adelete+database%3Ademo",
    via: [oneEntry, /^\/audit\/transaction\?request=/],
    page: "/audit/transaction",
  },
  {
    name: "the activity of an actor",
    path: "/audit?q=action%3Adelete+database%3Ademo",
    via: [oneEntry, /^\/audit\/actor\?/],
    page: "/audit/actor",
  },
  { name: "deletions", path: "/deleted" },
  {
    name: "one deletion",
    path: "/deleted",
    via: [/^\/deleted\/[^/]+\/\d+/],
    page: "/deleted/[database]/[transaction]",
  },
  { name: "deleted rows", path: "/deleted/rows" },
  { name: "rows removed without a record", path: "/deleted/unrecorded" },
  { name: "health of soft deletes", path: "/deleted/health" },
  { name: "retention of deleted records", path: "/deleted/retention" },
  {
    name: "what goes when",
    path: "/deleted/retention",
    via: [/^\/deleted\/retention\/when/],
    page: "/deleted/retention/when",
  },
  {
    name: "a policy for deleted records",
    path: "/tenants/create",
    via: [oneApplication],
    beside: "/deleted/retention/change?databaseId=ID&table=public.users&deletion=soft&graceDays=40",
    page: "/deleted/retention/change",
  },
  { name: "legal holds", path: "/deleted/holds" },
  { name: "place a hold", path: "/deleted/holds/place?kind=filter" },
  { name: "restores", path: "/deleted/restores" },
  { name: "restore", path: "/deleted/rows", via: [/^\/deleted\/restore\?/], page: "/deleted/restore" },
  {
    name: "the report of a restore",
    path: "/deleted/restores",
    via: [/^\/deleted\/restores\/[0-9a-f-]{36}/],
    page: "/deleted/restores/[id]",
  },
  { name: "erasures", path: "/deleted/erasures" },
  { name: "find a person", path: "/deleted/erasures/new" },
  {
    name: "the plan of an erasure",
    path: "/deleted/erasures",
    via: [/^\/deleted\/erasures\/[0-9a-f-]{36}/],
    page: "/deleted/erasures/[id]",
  },
  { name: "performance", path: "/performance" },
  { name: "backups", path: "/backups" },
  { name: "one backup", path: "/backups", via: [/^\/backups\/[0-9a-f-]{36}/], page: "/backups/[id]" },
  { name: "how long backups are kept", path: "/backups", via: [/^\/backups\/keep\?/], page: "/backups/keep" },
  { name: "jobs", path: "/jobs" },
  { name: "one job", path: "/jobs", via: [/^\/jobs\/[^/?]+/], page: "/jobs/[id]" },
  { name: "databases", path: "/databases" },
  { name: "one database", path: "/databases", via: [oneDatabase], page: "/databases/[id]" },
  {
    name: "the model of a database",
    path: "/databases",
    via: [oneDatabase],
    below: "/model",
    page: "/databases/[id]/model",
  },
  {
    name: "the plan of an adoption",
    path: "/databases",
    via: [oneDatabase],
    below: "/plan",
    page: "/databases/[id]/plan",
  },
  {
    name: "the removal of an adoption",
    path: "/databases",
    via: [oneDatabase],
    below: "/removal",
    page: "/databases/[id]/removal",
  },
  { name: "add a database", path: "/databases/add" },
  { name: "settings", path: "/settings" },
  { name: "staff", path: "/settings/staff" },
  {
    name: "a member of staff",
    path: "/settings/staff",
    via: [/^\/settings\/staff\/[0-9a-f-]{36}/],
    page: "/settings/staff/[id]",
  },
  { name: "keys", path: "/settings/keys" },
  { name: "approvals", path: "/settings/approvals" },
];

/** The screens that nobody needs to be signed in for. */
export const openScreens: Screen[] = [
  { name: "sign-in", path: "/sign-in" },
  { name: "an invitation", path: "/sign-in", kept: "invitation", page: "/join/[token]" },
  { name: "a link that no longer holds", path: "/join/abcdefghijklmnopqrstuvwxyz012345", page: "/join/[token]" },
];

/** What stands where a screen is not shown. */
export const absentScreens: Screen[] = [
  { name: "an address at which there is nothing", path: "/nowhere" },
  {
    name: "a tenant that is gone",
    path: "/tenants/00000000-0000-4000-8000-000000000000",
    page: "/tenants/[id]",
  },
];

/** What support sees of the screens that its role does not show. */
export const forbiddenScreens: Screen[] = [{ name: "a screen for others", path: "/tenants/create" }];

/** The folder of a screen's page in the tree, without what stands in brackets. */
export function pageOf({ page, path }: Screen): string {
  return page ?? path.replace(/\?.*/, "");
}
