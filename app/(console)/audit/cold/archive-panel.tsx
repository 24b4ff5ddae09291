"use client";
import dynamic from "next/dynamic";

/** Loaded only where months are archived: most screens have none beside them. */
export const ArchivePanel = dynamic(() => import("./archive-finder.tsx").then(({ ArchiveFinder }) => ArchiveFinder));
