"use client";
import { useRouter } from "next/navigation";
import type { ComponentProps } from "react";
import { ActionButton } from "#components/ui/action-button.tsx";

type StartJobProps = Omit<ComponentProps<typeof ActionButton<{ jobId: string }>>, "onDone" | "redirectTo">;

/** Starts long work and goes to where it can be watched. */
export function StartJob(props: StartJobProps) {
  const router = useRouter();
  return <ActionButton {...props} onDone={({ jobId }) => router.push(`/jobs/${jobId}`)} />;
}
