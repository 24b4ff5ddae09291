/** Three rows of a table under one guard: the product's mark. */
export function Mark({ narrow = false }: { narrow?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 font-semibold tracking-tight">
      <svg viewBox="0 0 16 16" aria-hidden="true" className="size-4.5 text-accent">
        <path d="M8 .8 14 3v4.6c0 3.6-2.4 6.1-6 7.6-3.6-1.5-6-4-6-7.6V3z" fill="currentColor" />
        <path d="M5 5.4h6M5 8h6M5 10.6h3.5" stroke="var(--color-on-accent)" strokeWidth="1.3" strokeLinecap="round" />
      </svg>
      <span className={narrow ? "sr-only" : undefined}>Caretaker</span>
    </span>
  );
}
