import type { Metadata } from "next";
import { DatabaseScreen, databaseOf } from "../database-screen.tsx";
import { IsolationCheck } from "./isolation-check.tsx";

export const metadata: Metadata = { title: "Isolation" };

export default async function IsolationPage({ params }: PageProps<"/databases/[id]/isolation">) {
  const { actor, database } = await databaseOf("databases.manage", (await params).id);
  return (
    <DatabaseScreen
      actor={actor}
      database={database}
      answer="Can one tenant reach another's rows? The check tries, as the application's own role, in a transaction that is rolled back."
    >
      <IsolationCheck databaseId={database.id} />
    </DatabaseScreen>
  );
}
