import { notFound, redirect } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Refusal } from "#db/errors.ts";
import { moveOfJob } from "#db/moves/live.ts";

/** Lists of jobs know the job; what people want to see of it is its move. */
export default async function MoveOfJob({ params }: PageProps<"/tenants/moves/job/[id]">) {
  const actor = await pageActor("tenants.read");
  const moveId = await moveOfJob(actor, (await params).id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  redirect(`/tenants/moves/${moveId}`);
}
