// OCSF 1.3.0, schema.ocsf.io: a changed row is a Datastore Activity (6005), what the application reported itself an API Activity
// (6003). What OCSF has no place for stands whole under `unmapped`.

const isRow = "action IN ('create', 'update', 'delete', 'truncate')";

const activity = `CASE action WHEN 'update' THEN 2 WHEN 'create' THEN 6 WHEN 'delete' THEN 7 WHEN 'truncate' THEN 7 ELSE 99 END`;

const activityName = `CASE action WHEN 'update' THEN 'Update' WHEN 'create' THEN 'Create' WHEN 'delete' THEN 'Delete' WHEN 'truncate' THEN 'Delete' ELSE action END`;

// What was captured was done; only an event can tell of what was not.
const failed = `(NOT (${isRow}) AND (action ~ '[_.:-](refused|failed|denied)$' OR lower(metadata ->> 'outcome') IN ('failure', 'failed', 'refused', 'denied')))`;

const text = (expression: string) => `to_json((${expression})::text)::text`;

/** A member with its comma before it, or nothing when the value is null. */
const member = (name: string, value: string) => `coalesce(',"${name}":' || ${value}, '')`;

const json = (name: string, column: string) => member(name, `${column}::text`);

/** `id` and `name` are the database's, quoted as SQL text. */
export function ocsfSelect(id: string, name: string): string {
  return [
    `'{"class_uid":' || CASE WHEN ${isRow} THEN '6005,"class_name":"Datastore Activity"' ELSE '6003,"class_name":"API Activity"' END`,
    `',"category_uid":6,"category_name":"Application Activity","severity_id":1,"severity":"Informational",' || CASE WHEN ${failed} THEN '"status_id":2,"status":"Failure"' ELSE '"status_id":1,"status":"Success"' END`,
    `',"activity_id":' || ${activity} || ',"activity_name":' || ${text(activityName)}`,
    `',"type_uid":' || CASE WHEN ${isRow} THEN 600500 ELSE 600300 END + ${activity}`,
    `',"time":' || floor(extract(epoch FROM created_at) * 1000)::bigint`,
    `',"metadata":{"version":"1.3.0","product":{"name":"Caretaker","vendor_name":"Caretaker"},"uid":' || ${text(`${id} || '/' || audit_logs.id`)}`,
    member("correlation_uid", text("request_id")),
    member("tenant_uid", text("tenant_id")),
    `',"original_time":"' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}'`,
    `',"actor":{"user":' || coalesce('{"uid":' || ${text("user_id")} || '}', '{"name":' || coalesce(${text("metadata ->> 'role'")}, '"unknown"') || ',"type_id":0}')`,
    member("app_name", text("metadata ->> 'application'")),
    `'},"src_endpoint":{' || coalesce('"ip":"' || host(ip_address) || '"', '"name":"unknown"') || '}'`,
    member("http_request", `'{"user_agent":' || ${text("user_agent")} || '}'`),
    `CASE WHEN ${isRow} THEN ',"type_id":3,"type":"Table","database":{"uid":' || ${text(id)} || ',"name":' || ${text(name)} || ',"type_id":1,"type":"Relational"},"table":{"name":' || coalesce(${text("resource_type")}, '"unknown"')`,
    `'}' ELSE ',"api":{"operation":' || ${text("action")} || ',"service":{"name":' || ${text(name)} || '}},"resources":[{"type":' || coalesce(${text("resource_type")}, 'null') || ',"uid":' || coalesce(${text("resource_id")}, 'null') || '}]' END`,
    `',"unmapped":{"transaction_id":"' || transaction_id || '"'`,
    member("resource_schema", text("resource_schema")),
    member("resource_id", text("resource_id")),
    json("old_values", "old_values"),
    json("new_values", "new_values"),
    json("changes", "changes"),
    json("metadata", "metadata"),
    "'}}'",
  ].join(" || ");
}
