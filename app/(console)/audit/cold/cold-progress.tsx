import { Bar } from "#components/charts/bar.tsx";

/** How far a search of archived months is; null before its first month. */
export function ColdProgress({ progress }: { progress: { done: number; total: number; month: string } | null }) {
  const words = progress ? `Searching ${progress.month}: ${progress.done} of ${progress.total} files` : "Beginning";
  return (
    <div role="status" className="grid gap-1">
      <Bar share={progress && progress.total > 0 ? progress.done / progress.total : 0} kind="accent" label={words} />
      <p className="text-muted text-xs">{words}</p>
    </div>
  );
}
