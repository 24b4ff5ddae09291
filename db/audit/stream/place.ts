/**
 * Everything of earlier transactions was delivered, and of this one the entries up to `entryId`. Transactions are the order, and
 * not times or ids: those are taken before the commit, so that an entry may appear behind a reader who went by them.
 */
export interface Place {
  transactionId: string;
  entryId: string;
}

export const beginning: Place = { transactionId: "0", entryId: "0" };

/** Entries behind a place, whose two parts are $1 and $2. */
export const after = "transaction_id >= $1::xid8 AND (transaction_id > $1::xid8 OR audit_logs.id > $2::bigint)";
