"use client";
import dynamic from "next/dynamic";

/** Loaded only where months are archived: the log is opened far more often than its archive. */
export const ColdPanel = dynamic(() => import("./cold-results.tsx").then(({ ColdResults }) => ColdResults));
