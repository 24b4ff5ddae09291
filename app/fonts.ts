import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";

/** The classes that give a document its typefaces. */
export const fonts = `${GeistSans.variable} ${GeistMono.variable}`;
