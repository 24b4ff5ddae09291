"use server";
import { staffAction } from "#app/_server/action.ts";
import * as changing from "#db/audit/stream/change.ts";
import * as contract from "#db/audit/stream/contract.ts";
import * as manage from "#db/audit/stream/manage.ts";
import { sendTest } from "#db/audit/stream/send-test.ts";

export const createStream = staffAction("audit.stream", contract.createStream, manage.createStream);

export const changeStream = staffAction("audit.stream", contract.changeStream, changing.changeStream);

export const testStream = staffAction("audit.stream", contract.streamReference, sendTest);

export const pauseStream = staffAction("audit.stream", contract.streamReference, manage.pauseStream);

export const resumeStream = staffAction("audit.stream", contract.streamReference, manage.resumeStream);

export const removeStream = staffAction("audit.stream", contract.streamReference, manage.removeStream);
