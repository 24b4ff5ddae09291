import { z } from "zod";

export const whoQuestion = z.object({
  /** An id, an e-mail, a slug, a name or a number; of a row or a user, also long gone. */
  text: z.string().trim().min(1).max(400),
  database: z.union([z.uuid(), z.literal("console")]).optional(),
  tenant: z.string().trim().min(1).max(400).optional(),
});
export type WhoQuestion = z.infer<typeof whoQuestion>;
