import type { Metadata } from "next";
import { z } from "zod";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { counted } from "#components/numbers/format.ts";
import { LinkButton } from "#components/ui/button.tsx";
import { modelBytesMax } from "#db/databases/contract.ts";
import { listFleet } from "#db/databases/list.ts";
import { type ModelToEdit, modelToEdit } from "#db/databases/merge-model.ts";
import { Refusal } from "#db/errors.ts";
import { DatabaseScreen, databaseOf } from "../database-screen.tsx";
import { ModelEditor } from "./model-editor.tsx";

export const metadata: Metadata = { title: "Model" };

// "?tenants=" names another tenants table: a schema and a table as JSON, since both may hold any character; or "none".
const tenantsParameter = z
  .string()
  .transform((text) => (text === "none" ? null : JSON.parse(text)))
  .pipe(z.tuple([z.string(), z.string()]).nullable());

export default async function ModelPage({ params, searchParams }: PageProps<"/databases/[id]/model">) {
  const { actor, database } = await databaseOf("databases.manage", (await params).id);
  const declared = declaredIn((await searchParams).tenants);
  const model = await modelToEdit(actor, database.id, declared).catch(refusalOnly);
  if (model instanceof Refusal) {
    return (
      <DatabaseScreen actor={actor} database={database} answer="The catalog cannot be read now.">
        <FailedState
          title={model.message}
          action={<LinkButton href={`/databases/${database.id}/model`}>Try again</LinkButton>}
        >
          {model.fix}
        </FailedState>
      </DatabaseScreen>
    );
  }
  const homes = (await listFleet(actor)).filter((one) => one.adoptedAt !== null && one.id !== database.id);
  return (
    <DatabaseScreen actor={actor} database={database} answer={answerOf(model)}>
      <ModelEditor
        key={JSON.stringify(model.tenantsTable)}
        databaseId={database.id}
        model={model}
        homes={homes.map(({ id, name }) => ({ id, name }))}
        bytesMax={modelBytesMax}
      />
    </DatabaseScreen>
  );
}

function declaredIn(parameter: string | string[] | undefined) {
  if (typeof parameter !== "string" || parameter === "") return {};
  try {
    const chosen = tenantsParameter.parse(parameter);
    return { tenantsTable: chosen && { schema: chosen[0], table: chosen[1] } };
  } catch {
    return {}; // a damaged address proposes as if nothing had been chosen
  }
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function answerOf(model: ModelToEdit): string {
  const tables = counted(model.tables.length, "table");
  const where = model.tenantsTable ? `tenants are listed in ${model.tenantsTable.table}` : "no table lists the tenants";
  if (!model.confirmed) return `This is what the catalog suggests: ${tables}, ${where}. Correct it, then confirm it.`;
  const news = model.news.length === 0 ? "nothing is new since" : `${counted(model.news.length, "table")} came since`;
  return `The model is confirmed for ${tables}, ${where}; ${news}.`;
}
