import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { pageActor } from "#app/_server/session.ts";
import { Refusal } from "#db/errors.ts";
import type { LiveMove } from "#db/moves/contract.ts";
import { readLiveMove } from "#db/moves/live.ts";
import { MoveScreen } from "./move-screen.tsx";

const liveOf = cache(async (id: string): Promise<LiveMove> => {
  const actor = await pageActor("tenants.read");
  try {
    return await readLiveMove(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: PageProps<"/tenants/moves/[move]">): Promise<Metadata> {
  return { title: `Move of ${(await liveOf((await params).move)).move.tenantName}` };
}

export default async function MovePage({ params }: PageProps<"/tenants/moves/[move]">) {
  const actor = await pageActor("tenants.read");
  const live = await liveOf((await params).move);
  return <MoveScreen first={live} may={actor.capabilities.has("tenants.move")} />;
}
