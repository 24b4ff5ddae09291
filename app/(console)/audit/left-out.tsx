/** Names the parts of an address's filter that could not be read: what is shown is then more than was asked for. */
export function LeftOut({ dropped }: { dropped: readonly string[] }) {
  if (dropped.length === 0) return null;
  return (
    <p role="status" className="text-warning">
      ▲ Left out of the filter, because it could not be read: {dropped.join(", ")}.
    </p>
  );
}
