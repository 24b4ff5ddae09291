import type pg from "pg";

/** A table of 20 columns and about 600 bytes a row, as business tables are. */
export const sourceTable = `
CREATE TABLE public.orders (
  id           bigint PRIMARY KEY,
  tenant_id    uuid NOT NULL,
  customer_id  bigint NOT NULL,
  number       text NOT NULL,
  status       text NOT NULL,
  currency     text NOT NULL,
  total        numeric(12, 2) NOT NULL,
  tax          numeric(12, 2) NOT NULL,
  discount     numeric(5, 2),
  items        integer NOT NULL,
  email        text NOT NULL,
  name         text NOT NULL,
  street       text NOT NULL,
  city         text NOT NULL,
  country      text NOT NULL,
  notes        text,
  paid         boolean NOT NULL,
  placed_at    timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  deleted_at   timestamptz
)`;

/** Inserts the rows `from` to `to` in one statement. */
export async function insertRows(client: pg.Client, from: number, to: number): Promise<void> {
  await client.query(
    `INSERT INTO public.orders
     SELECT i, '6f1b2f0e-6a0b-4f6e-9d5c-0c7a2c1f0001', i % 5000, 'ORD-' || lpad(i::text, 9, '0'), 'placed', 'EUR', i * 1.25, i * 0.19, NULL, i % 9,
            'customer' || i || '@example.com', 'Customer number ' || i, 'Long Street ' || i % 300, 'Springfield', 'Germany',
            repeat('Please leave the parcel with the neighbour. ', 7), false, now(), now(), NULL
       FROM generate_series($1::int, $2::int) AS i`,
    [from, to],
  );
}
