import { createServer, type IncomingMessage, type Server } from "node:http";
import { controlPool } from "../../../control.ts";

interface Received {
  headers: IncomingMessage["headers"];
  records: string[];
  test: boolean;
}

/** A receiver on this machine, which answers what it is told to, once whatever it waits for is over. */
export class Post {
  readonly received: Received[] = [];
  answer = 204;
  meanwhile: () => Promise<unknown> = async () => {};
  duringTest: () => Promise<unknown> = async () => {};
  readonly server: Server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const lines = body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const test = lines[0].database_id === "test";
    this.received.push({ headers: request.headers, records: lines.map((line) => line.resource_id), test });
    const answer = this.answer;
    await (test ? this.duringTest() : this.meanwhile());
    response.writeHead(answer).end();
  });

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}/in`;
  }

  get sent(): string[] {
    return this.received.filter(({ test }) => !test).flatMap(({ records }) => records);
  }
}

/** What nobody may find anywhere: it is looked for in every text that the console's log and this table hold. */
export async function stands(secret: string): Promise<boolean> {
  const { rows } = await controlPool().query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM caretaker.audit_logs WHERE strpos(audit_logs::text, $1) > 0)
         OR EXISTS (SELECT FROM audit_streams WHERE strpos(audit_streams::text, $1) > 0)
         OR EXISTS (SELECT FROM audit_stream_cursors WHERE strpos(audit_stream_cursors::text, $1) > 0) AS found`,
    [secret],
  );
  return rows[0]?.found ?? true;
}
