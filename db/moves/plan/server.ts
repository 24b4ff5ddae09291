import type pg from "pg";
import type { ServerAddress } from "../../connection.ts";
import { connectOnce } from "../../connection.ts";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { unseal } from "../../secrets/seal.ts";

/** Asks a server in which a database is to be made. */
export async function onServer<T>(serverId: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const { rows } = await controlPool().query<Omit<ServerAddress, "password"> & { credential: string }>(
    `SELECT host, port, tls_mode AS "tlsMode", tls_certificate AS "tlsCertificate", username, credential
       FROM servers WHERE id = $1 AND removed_at IS NULL`,
    [serverId],
  );
  const [row] = rows;
  if (!row)
    throw new Refusal("not_found", "No server of the fleet has this id.", { fix: "Choose one from Databases." });
  const { credential, ...server } = row;
  const client = await connectOnce({ ...server, password: unseal(credential, serverId) }, "postgres");
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
