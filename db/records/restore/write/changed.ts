import { rows, willOf } from "../scratch.ts";
import type { Work } from "../work.ts";

/**
 * Which columns are written, and which columns of the image are not written as they were: by a choice, because they are gone, or
 * because they are not known.
 */
export async function noteColumns({ client }: Work): Promise<void> {
  await client.query(
    `UPDATE ${rows} AS r
        SET columns = ARRAY(SELECT key FROM jsonb_object_keys(w.will) AS key ORDER BY key),
            changed = CASE r.origin
              WHEN 'yields' THEN ARRAY(SELECT key FROM jsonb_object_keys(w.will) AS key ORDER BY key)
              ELSE ARRAY(SELECT key FROM jsonb_object_keys(r.image) AS key
                          WHERE CASE r.act WHEN 'insert' THEN NOT w.will ? key OR w.will -> key IS DISTINCT FROM r.fitted -> key
                                           ELSE r.given ? key AND (r.origin = 'version' OR r.given -> key IS DISTINCT FROM r.image -> key) END
                          ORDER BY key) END
       FROM (SELECT r.n, ${willOf("r")} AS will FROM ${rows} AS r WHERE r.state = 'open') AS w
      WHERE w.n = r.n`,
  );
}
