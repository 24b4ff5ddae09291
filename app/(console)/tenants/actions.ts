"use server";
import { staffAction } from "#app/_server/action.ts";
import { adviceRulesInput } from "#db/tenants/advice/contract.ts";
import * as rules from "#db/tenants/advice/set-rules.ts";
import * as bulk from "#db/tenants/bulk.ts";
import * as contract from "#db/tenants/contract.ts";
import * as create from "#db/tenants/create.ts";
import * as describe from "#db/tenants/describe.ts";
import * as leaveContract from "#db/tenants/leave/contract.ts";
import * as exporting from "#db/tenants/leave/export.ts";
import * as leaving from "#db/tenants/leave/plan.ts";
import * as removing from "#db/tenants/leave/remove-file.ts";
import * as start from "#db/tenants/make/start.ts";
import * as rename from "#db/tenants/rename.ts";
import * as reopen from "#db/tenants/reopen.ts";
import * as size from "#db/tenants/size.ts";
import * as suspend from "#db/tenants/suspend.ts";

export const createTenant = staffAction("tenants.write", contract.createTenantForm, create.createTenant);

export const renameTenant = staffAction("tenants.write", contract.renameTenantInput, rename.renameTenant);

export const suspendTenant = staffAction("tenants.write", contract.suspendTenantInput, suspend.suspendTenant);

export const reopenTenant = staffAction("tenants.write", contract.reopenTenantInput, reopen.reopenTenant);

export const sizeTenants = staffAction("tenants.write", contract.sizeTenantsInput, size.sizeTenants);

export const startTenant = staffAction("tenants.write", contract.startTenantForm, start.startTenant);

export const suspendTenants = staffAction("tenants.write", contract.bulkSuspendInput, bulk.suspendTenants);

export const reopenTenants = staffAction("tenants.write", contract.bulkReopenInput, bulk.reopenTenants);

export const describeTenant = staffAction("tenants.write", contract.describeTenantInput, describe.describeTenant);

export const setAdviceRules = staffAction("tenants.write", adviceRulesInput, rules.setAdviceRules);

export const exportTenant = staffAction("tenants.write", leaveContract.exportInput, exporting.exportTenant);

export const removeFile = staffAction("tenants.write", leaveContract.removeFileInput, removing.removeFile);

export const leaveTenant = staffAction("tenants.write", leaveContract.leaveInput, leaving.leaveTenant);
