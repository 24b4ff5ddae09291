"use server";
import { staffAction } from "#app/_server/action.ts";
import { beginEpochInput, verifyInput } from "#db/audit/proof/contract.ts";
import * as epoch from "#db/audit/proof/epoch.ts";
import * as placeContract from "#db/audit/proof/places/contract.ts";
import * as places from "#db/audit/proof/places/manage.ts";
import * as standing from "#db/audit/proof/standing.ts";

export const startVerification = staffAction("audit.verify", verifyInput, standing.startVerification);

export const beginEpoch = staffAction("audit.verify", beginEpochInput, epoch.beginEpoch);

export const addPlace = staffAction("audit.stream", placeContract.addPlaceInput, places.addPlace);

export const removePlace = staffAction("audit.stream", placeContract.placeReference, places.removePlace);
