import { own, type Statement } from "../statement.ts";

/** Masked values are HMAC-like keyed hashes: the same value shows as the same text, and nobody without the key can test a guess. */
export const masking: Statement[] = [
  own(
    "caretaker.mask_keys",
    "The keys of the hashes that stand for masked values. Only the owner can read them.",
    `
CREATE TABLE IF NOT EXISTS caretaker.mask_keys (
  single    boolean PRIMARY KEY DEFAULT true CHECK (single),
  inner_key bytea   NOT NULL,
  outer_key bytea   NOT NULL
)`,
  ),
  own(
    "the masking key of this database",
    "Made here from the server's own random numbers; it never leaves.",
    `
INSERT INTO caretaker.mask_keys (inner_key, outer_key)
SELECT string_agg(uuid_send(gen_random_uuid()), ''::bytea) FILTER (WHERE i <= 4),
       string_agg(uuid_send(gen_random_uuid()), ''::bytea) FILTER (WHERE i > 4)
  FROM generate_series(1, 8) AS i
    ON CONFLICT DO NOTHING`,
  ),
  own(
    "caretaker.mask(text)",
    "Hashes a value as the triggers do, so that a known value can be searched for.",
    `
CREATE OR REPLACE FUNCTION caretaker.mask(value text) RETURNS text
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT 'masked:' || left(encode(sha256(k.outer_key || sha256(k.inner_key || convert_to(value, 'UTF8'))), 'hex'), 32)
    FROM caretaker.mask_keys k
$function$`,
  ),
  own(
    "caretaker.plain_json(text)",
    "Reads a json value into jsonb; what jsonb cannot hold (such as \\u0000) is kept as text. It never fails.",
    `
CREATE OR REPLACE FUNCTION caretaker.plain_json(value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN value::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN to_jsonb(value);
END
$function$`,
  ),
  own(
    "caretaker.settings",
    "What the triggers may be told: up to how many rows TRUNCATE keeps each row that it removes.",
    `
CREATE TABLE IF NOT EXISTS caretaker.settings (
  only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  truncate_rows_max integer NOT NULL DEFAULT 10000 CHECK (truncate_rows_max >= 0)
)`,
  ),
  own("caretaker.settings", "The one row.", "INSERT INTO caretaker.settings DEFAULT VALUES ON CONFLICT DO NOTHING"),
  own(
    "caretaker.capped(jsonb, integer)",
    "Replaces each large value of a row by the hash and the size of its text, so that the log does not become a store of files.",
    `
CREATE OR REPLACE FUNCTION caretaker.capped(state jsonb, bytes_max integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT jsonb_object_agg(f.key, CASE WHEN octet_length(f.text) <= bytes_max OR f.text IS NULL THEN f.value
           ELSE to_jsonb('capped:' || encode(sha256(convert_to(f.text, 'UTF8')), 'hex') || ':' || octet_length(f.text)) END)
    FROM (SELECT key, value, value #>> '{}' AS text FROM jsonb_each(state)) AS f
$function$`,
  ),
  own(
    "caretaker.short_key(text, integer)",
    "Shortens a key that would not fit an index, so that an odd key never makes a write fail.",
    `
CREATE OR REPLACE FUNCTION caretaker.short_key(key text, bytes_max integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
AS $function$
  SELECT CASE WHEN octet_length(key) <= bytes_max THEN key ELSE left(key, bytes_max / 5) || '...' || md5(key) END
$function$`,
  ),
];
