import { Skeleton } from "#components/feedback/states.tsx";

export default function Loading() {
  return (
    <div className="mx-auto grid w-full max-w-[1600px] content-start gap-4 px-4 py-5 md:px-6">
      <h1 className="sr-only">Loading</h1>
      <div className="breathes grid gap-2 py-1">
        <span className="h-5 w-40 rounded-sm bg-hover" />
        <span className="h-4 w-72 max-w-full rounded-sm bg-hover" />
      </div>
      <Skeleton rows={12} label="Loading this screen" />
    </div>
  );
}
