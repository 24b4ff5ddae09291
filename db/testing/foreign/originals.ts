import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaText } from "../../databases/testing/fleet.ts";

// Two schemas that nobody here wrote: Pagila's schema file, and documenso's Prisma migrations. They are read where
// CARETAKER_PAGILA_SQL and CARETAKER_DOCUMENSO_MIGRATIONS point at copies; else our own with the same traits stand in.

export async function rentalStore(): Promise<string> {
  const file = process.env.CARETAKER_PAGILA_SQL;
  if (!file) return schemaText("rental-store");
  const text = (await readFile(file, "utf8")).replaceAll(/^\\.*$/gm, "");
  // pg_dump empties the search path of its session; here the rows follow in the same one.
  return `${text}
    SELECT set_config('search_path', 'public', false);
    INSERT INTO country (country) VALUES ('Finland');
    INSERT INTO city (city, country_id) SELECT 'Turku', country_id FROM country;
    INSERT INTO address (address, district, city_id, phone) SELECT 'Quay 1', 'Harbour', city_id, '1' FROM city;
    INSERT INTO store (store_id, manager_staff_id, address_id) SELECT n, n, address_id FROM address, generate_series(1, 3) AS n;
    INSERT INTO staff (staff_id, first_name, last_name, address_id, store_id, username, password)
      SELECT n, 'Clerk', 'No. ' || n, address_id, n, 'clerk' || n, 'kept secret' FROM address, generate_series(1, 3) AS n;
    INSERT INTO customer (customer_id, store_id, first_name, last_name, address_id)
      SELECT n, 1 + n % 3, 'Customer', 'No. ' || n, address_id FROM address, generate_series(1, 9) AS n;
    INSERT INTO language (name) VALUES ('English');
    INSERT INTO film (title, language_id, fulltext) SELECT 'The Harbour', language_id, '' FROM language;
    INSERT INTO inventory (inventory_id, film_id, store_id) SELECT n, film_id, n FROM film, generate_series(1, 3) AS n;
    INSERT INTO rental (rental_id, rental_date, inventory_id, customer_id, staff_id) SELECT n, now(), n, n, n FROM generate_series(1, 3) AS n;`;
}

export async function signing(): Promise<string> {
  const folder = process.env.CARETAKER_DOCUMENSO_MIGRATIONS;
  if (!folder) return schemaText("signing");
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name, "migration.sql"), "utf8")));
  return texts.join(";\n");
}
