interface DaysProps {
  /** What is counted: "Rows to be removed". */
  label: string;
  /** In order; a day that is missing has none. */
  days: readonly { day: string; value: number }[];
  first: string;
  /** How many days are drawn. */
  span: number;
}

const height = 96;
const dayMs = 86_400_000;

/** Zero-based bars, one a day, the highest labelled directly. The figures stand in a list beside it. */
export function Days({ label, days, first, span }: DaysProps) {
  const most = Math.max(1, ...days.map(({ value }) => value));
  const highest = days.find(({ value }) => value === most);
  const at = (day: string) => Math.round((Date.parse(day) - Date.parse(first)) / dayMs);
  const sum = days.reduce((total, { value }) => total + value, 0);
  const words = `${label}: ${sum.toLocaleString("en")} from ${first} on over ${span} days${highest ? `, most of them, ${most.toLocaleString("en")}, on ${highest.day}` : ""}.`;
  return (
    <figure className="grid gap-1">
      <svg
        role="img"
        aria-label={words}
        viewBox={`0 0 ${span} ${height}`}
        preserveAspectRatio="none"
        className="meaning h-24 w-full border-edge border-b"
      >
        {days.map(({ day, value }) => {
          const bar = Math.max(1.5, (value / most) * (height - 4));
          return (
            <rect key={day} x={at(day) + 0.1} y={height - bar} width={0.8} height={bar} className="fill-accent">
              <title>{`${day}: ${value.toLocaleString("en")}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="flex justify-between gap-4 text-faint text-xs tabular-nums">
        <span>{first}</span>
        {highest ? (
          <span className="text-muted">
            highest: {most.toLocaleString("en")} on {highest.day}
          </span>
        ) : null}
        <span>{new Date(Date.parse(first) + (span - 1) * dayMs).toISOString().slice(0, 10)}</span>
      </figcaption>
    </figure>
  );
}
