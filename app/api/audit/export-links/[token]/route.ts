import { z } from "zod";
import { publicHandler } from "#app/_server/handler.ts";
import { parse } from "#app/_server/parse.ts";
import { exportPart } from "#db/audit/export/contract.ts";
import { openExportByLink } from "#db/audit/export/download.ts";
import { fileResponse } from "../../export-file.ts";

const linkInput = z.object({ token: z.string().min(1).max(100), part: exportPart });

export const GET = publicHandler(
  "An export's link is for reviewers without an account: its 256 random bits are what lets them in, until it ends.",
  async (request, context, visit) => {
    const part = request.nextUrl.searchParams.get("part") ?? undefined;
    const input = parse(linkInput, { ...(await context.params), part });
    return fileResponse(await openExportByLink(input.token, input.part, visit));
  },
);
