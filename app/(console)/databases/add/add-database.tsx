"use client";
import { useRouter } from "next/navigation";
import { ActionButton } from "#components/ui/action-button.tsx";
import { addDatabase } from "../actions.ts";

export function AddDatabase({ serverId, name }: { serverId: string; name: string }) {
  const router = useRouter();
  return (
    <ActionButton
      small
      action={addDatabase}
      input={{ serverId, name }}
      onDone={(id) => router.push(`/databases/${id}/model`)}
    >
      Add {name}
    </ActionButton>
  );
}
