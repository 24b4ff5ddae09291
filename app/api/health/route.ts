import { publicHandler } from "#app/_server/handler.ts";
import { controlAnswers } from "#db/alive.ts";
import manifest from "../../../package.json" with { type: "json" };

/** For load balancers and container health checks: says whether it can serve, and nothing about what it serves. */
export const GET = publicHandler("a health check has no session", async () => {
  const { version } = manifest;
  if (await controlAnswers()) return { status: "ok", version };
  return Response.json({ status: "control database unreachable", version }, { status: 503 });
});
