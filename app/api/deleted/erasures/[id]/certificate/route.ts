import { staffHandler } from "#app/_server/handler.ts";
import { readCertificate } from "#db/records/erasure/certificate.ts";
import { erasureReference } from "#db/records/erasure/contract.ts";

/** The certificate of an erasure with its signature, for bin/verify. */
export const GET = staffHandler("records.read", erasureReference, async (actor, input) => {
  const { text } = await readCertificate(actor, input);
  return new Response(text, {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="erasure-${input.id}.json"`,
      "x-content-type-options": "nosniff",
    },
  });
});
