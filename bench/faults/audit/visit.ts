import { request } from "node:http";
import { patienceMs } from "./watch.ts";

export interface Visit {
  method?: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Called with the bytes received so far. */
  onBytes?: (bytes: number) => void;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** Whether HTTP itself says that all of it came. */
  whole: boolean;
}

/** Asks on a connection of its own. Null when not even a status came. */
export function visit(port: number, { method = "GET", path, headers, body, onBytes }: Visit): Promise<Answer | null> {
  return new Promise((done) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers, agent: false, timeout: patienceMs });
    asked.once("error", () => done(null)).once("timeout", () => asked.destroy());
    asked.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        onBytes?.(bytes);
      });
      response.on("error", () => {}); // that it was cut off is told by `complete`
      response.once("close", () => {
        const { statusCode: status = 0, headers, complete: whole } = response;
        done({ status, headers, body: Buffer.concat(chunks), whole });
      });
    });
    asked.end(body);
  });
}

/** A session's cookie, by the sign-in form's own two requests. */
export async function signInAt(
  port: number,
  origin: string,
  account: { email: string; password: string },
): Promise<string> {
  const form = await visit(port, { path: "/api/auth/csrf" });
  const { csrfToken } = JSON.parse(form?.body.toString() ?? "{}");
  const answer = await visit(port, {
    method: "POST",
    path: "/api/auth/callback/credentials",
    headers: { origin, cookie: cookiesOf(form), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, ...account, json: "true" }).toString(),
  });
  if (answer?.status !== 200) throw new Error(`Signing in was answered with ${answer?.status}: ${answer?.body}`);
  return cookiesOf(answer);
}

function cookiesOf(answer: Answer | null): string {
  const set = answer?.headers["set-cookie"] ?? [];
  return [set]
    .flat()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
