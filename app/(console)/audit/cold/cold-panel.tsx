"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";

const ColdResults = dynamic(() => import("./cold-results.tsx").then((part) => part.ColdResults), {
  loading: () => <p role="status">Beginning</p>,
});

interface ColdPanelProps {
  endpoint: string;
  offer: string;
}

/** Offers the search of archived months. What shows it is loaded when somebody asks: the log is opened far more often than its archive. */
export function ColdPanel({ endpoint, offer }: ColdPanelProps) {
  const [isAsked, setAsked] = useState(false);
  if (isAsked) return <ColdResults endpoint={endpoint} offer={offer} />;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="max-w-[80ch] text-muted">{offer}</p>
      <Button onClick={() => setAsked(true)}>Search archived months</Button>
    </div>
  );
}
