import { literal, own, type Statement } from "../statement.ts";

/** Names as databases spell them, and as object mappers do: full_name, fullName. */
const spelled = (names: readonly string[]) =>
  names.flatMap((name) => [...new Set([name, name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())])]);

// Columns by which people know a row. A fixed list, because an index may hold only what never changes its meaning.
/** Those that are a name, of which the last word is known too. */
export const namedColumns: readonly string[] = spelled([
  "name",
  "full_name",
  "display_name",
  "title",
  "subject",
  "company",
  "company_name",
  "label",
]);
const coded = spelled([
  ...[
    "email",
    "e_mail",
    "email_address",
    "first_name",
    "last_name",
    "username",
    "login",
    "handle",
    "slug",
    "domain",
    "phone",
  ],
  ...["sku", "code", "reference", "number", "invoice_number", "order_number", "customer_number", "external_id"],
]);

/** Best first: the first one that a row has is what it is called. */
export const knownByColumns: readonly string[] = [...namedColumns, ...coded];

/** What marks a row as deleted where it stays in its table. */
export const deletionColumns: readonly string[] = spelled([
  ...["deleted_at", "is_deleted", "deleted", "archived_at", "is_archived", "removed_at", "trashed_at", "discarded_at"],
]);

/** Values are compared by so many characters: an index takes no long ones, and nobody looks for a text by its end. */
export const knownByLengthMax = 200;

const text = (column: string) => `left(row_values ->> ${literal(column)}, ${knownByLengthMax})`;

/** SQL over an entry: the values that its row was known by, whole and in lower case, and the last word of its name. */
export const knownBy = "caretaker.known_by(old_values)";

/** Columns whose change takes a row away, or takes a name from it. */
export const losingColumns: readonly string[] = [...deletionColumns, "email", "username", "slug"];

/** SQL over an entry: it took a row away, or marked it as deleted, or gave it another name than it was known by. */
export const losesName = `(action = ANY (ARRAY['delete', 'truncate']) OR changes ?| ARRAY[${losingColumns.map(literal).join(", ")}])`;

/**
 * Finds deletions by what the row was called. The index is partial and stands on each month: it costs next to nothing where a row
 * is made or merely changed, goes with its month, and follows an erasure by itself, which no table of copies would.
 */
export const knownByIndex: Statement[] = [
  own(
    "caretaker.known_by(jsonb)",
    "What people may look a row up by, whole, and the last word of its name. It cannot fail; no SQL function, whose text would be copied for each write.",
    `
CREATE OR REPLACE FUNCTION caretaker.known_by(row_values jsonb) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
BEGIN
  RETURN array_to_tsvector(array_remove(ARRAY[
           ${knownByColumns.map((column) => `nullif(lower(${text(column)}), '')`).join(",\n           ")},
           substring(lower(coalesce(${namedColumns.map(text).join(", ")})) FROM ' ([^ ]+)$')], NULL));
END
$function$`,
  ),
  own(
    "caretaker.audit_logs_known_by_idx",
    "Answers “who deleted this?” by name, e-mail, slug or number.",
    `CREATE INDEX IF NOT EXISTS audit_logs_known_by_idx ON caretaker.audit_logs_indexed USING gin (${knownBy})
       WITH (gin_pending_list_limit = 1024) WHERE ${losesName}`,
  ),
];
