// jsonb holds no text of 256 MiB, and a log is no place for files.
const valueBytesMax = 1_048_576;
const rowValueBytesMax = 134_217_728;

/**
 * SQL of a row's state when its largest value has `bytes`: values over 1 MiB are replaced by "capped:<SHA-256>:<bytes>" of their text
 * in the log. Over 128 MiB nothing but the size is kept, because reading such a row into jsonb could make the application's write fail.
 */
export function cappedRow(bytes: string, state: string): string {
  return `CASE WHEN coalesce(${bytes}, 0) <= ${valueBytesMax} THEN ${state}
              WHEN ${bytes} <= ${rowValueBytesMax} THEN caretaker.capped(${state}, ${valueBytesMax})
              ELSE jsonb_build_object('capped', ${bytes}) END`;
}

/** SQL of an update's changes: `json` is their text, and `bytes` how long it is. */
export function cappedChanges(bytes: string, json: string): string {
  return `CASE WHEN ${bytes} <= ${valueBytesMax} THEN ${json}::jsonb
              WHEN ${bytes} <= ${rowValueBytesMax} THEN caretaker.capped(${json}::jsonb, ${valueBytesMax})
              ELSE jsonb_build_object('capped', ${bytes}) END`;
}

/** SQL that is true where a state and differences that were read already hold something large; asking costs nothing. */
export function holdsLarge(state: string, differences: string): string {
  return `pg_column_size(${state}) > ${valueBytesMax} OR octet_length(${differences}) > ${valueBytesMax}`;
}
