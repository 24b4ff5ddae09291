"use server";
import { staffAction } from "#app/_server/action.ts";
import * as capacity from "#db/placing/capacity.ts";
import * as inputs from "#db/placing/inputs.ts";
import * as start from "#db/placing/rebalance/start.ts";

export const setCapacity = staffAction("databases.manage", inputs.capacityInput, capacity.setCapacity);

export const setPolicy = staffAction("databases.manage", inputs.policyInput, capacity.setPolicy);

export const startRebalance = staffAction("tenants.move", inputs.startRebalanceInput, start.startRebalance);

export const stopRebalance = staffAction("tenants.move", inputs.rebalanceId, start.stopRebalance);
