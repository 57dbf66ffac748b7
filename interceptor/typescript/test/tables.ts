/** Two tables of two owners in one program. */
import { CodeTable } from "@codetable/core";
import { GatewayCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/gateway_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { ShopCodeSchema } from "./gen/shop/v1/shop_pb.js";

export const responseCodes = new CodeTable(ResponseCodeSchema);
export const gatewayCodes = new CodeTable(GatewayCodeSchema);
export const shopCodes = new CodeTable(ShopCodeSchema);
export const tables = [responseCodes, gatewayCodes, shopCodes];
