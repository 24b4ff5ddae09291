import { above, type HealthCheck } from "./check.ts";

interface TableRow {
  name: string;
  rows: number | null;
  tableBytes: string;
  indexBytes: string;
  share: number;
}

// The 20 largest by the catalog's page counts; only those are asked for their exact size, since asking 40,000 tables
// takes more than ten seconds.
const sql = `SELECT c.oid::regclass::text AS name, nullif(c.reltuples, -1)::float8 AS rows,
       pg_table_size(c.oid)::text AS "tableBytes", pg_indexes_size(c.oid)::text AS "indexBytes",
       pg_total_relation_size(c.oid)::float8 / nullif(pg_database_size(current_database()), 0) AS share
  FROM (SELECT oid, reltuples
          FROM pg_class
         WHERE relkind IN ('r', 'm')
           AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
         ORDER BY relpages DESC, oid
         LIMIT 20) AS c
 ORDER BY pg_total_relation_size(c.oid) DESC`;

/** There is no right size, so there is no verdict: disks can not be seen through SQL. */
export const tableSizes: HealthCheck = {
  id: "table-sizes",
  title: "Size of the database",
  unit: "bytes",
  threshold: "none: the space left on the disk cannot be read through SQL",
  sql,
  async run(client) {
    const { rows: total } = await client.query<{ bytes: string }>(
      "SELECT pg_database_size(current_database())::text AS bytes",
    );
    const { rows } = await client.query<TableRow>(sql);
    const [largest] = rows;
    return {
      verdict: "neutral",
      value: Number(total[0]?.bytes ?? 0),
      finding: largest
        ? `${largest.name} is the largest table, ${Math.round(largest.share * 100)} % of the database.`
        : "The database has no tables.",
      evidence: {
        columns: [
          { name: "table", unit: "text" },
          { name: "rows, estimated", unit: "count" },
          { name: "heap and TOAST", unit: "bytes" },
          { name: "indexes", unit: "bytes" },
          { name: "share", unit: "ratio" },
        ],
        rows: rows.map((row) => [row.name, row.rows, Number(row.tableBytes), Number(row.indexBytes), row.share]),
      },
    };
  },
};

const lockSql = `SELECT (SELECT count(*)::int FROM pg_class WHERE relkind IN ('r', 'p', 'S', 'v', 'm')) AS relations,
       current_setting('max_locks_per_transaction')::int
         * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS slots`;

// Measured by us on PostgreSQL 15: one transaction can lock about twice the nominal number of slots, and a pg_dump of the
// whole database fails from there on. 100 % of the nominal number is therefore a warning, 180 % critical.
export const lockable: HealthCheck = {
  id: "lockable-tables",
  title: "Tables one backup locks",
  unit: "ratio",
  threshold: "warning from 100 %, critical from 180 % of the server's lock slots",
  sql: lockSql,
  async run(client) {
    const { rows } = await client.query<{ relations: number; slots: number }>(lockSql);
    const { relations, slots } = rows[0] ?? { relations: 0, slots: 1 };
    const verdict = above(relations / slots, 1, 1.8);
    return {
      verdict,
      value: relations / slots,
      finding: `pg_dump locks up to ${relations} relations here, and the server has ${slots} lock slots.`,
      ...(verdict === "good" ? {} : { fix: "Raise max_locks_per_transaction (needs a restart)." }),
    };
  },
};
