// node client.js ADDRESS QUERY
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi.js";

type Org = components["schemas"]["OrgJson"];

const [address, query] = process.argv.slice(2);
if (!address || !query) throw new Error("usage: node client.js ADDRESS QUERY");
const client = createClient<paths>({ baseUrl: address });

/** Why a submitted organization is not taken; null if it is. */
async function refusal(id: string, name: string): Promise<string | null> {
  const { data, error } = await client.GET("/v1/orgs/{id}", { params: { path: { id } } });
  if (error) return error.code;
  if (data.status !== "active") return "not_active";
  return data.name === name ? null : "name_differs";
}

/** All organizations directly below one, page by page. */
async function children(id: string): Promise<Org[]> {
  const found: Org[] = [];
  let cursor: string | undefined;
  do {
    const { data, error } = await client.GET("/v1/orgs/{id}/children", { params: { path: { id }, query: { limit: 20, cursor } } });
    if (error) throw new Error(`${error.code}: ${error.detail}`);
    found.push(...data.children);
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

const search = await client.GET("/v1/search", { params: { query: { q: query, limit: 1 } } });
if (search.error) throw new Error(`${search.error.code}: ${search.error.detail}`);
const hit = search.data.hits[0];
if (!hit) throw new Error("nothing found");
console.log("found", hit.id, hit.name);

const path = { id: hit.id };
const org = await client.GET("/v1/orgs/{id}", { params: { path } });
console.log("organization", org.data?.status, org.data?.children_count);
console.log("children", (await children(hit.id)).length);
const guide = await client.GET("/v1/orgs/{id}/transfer-guide", { params: { path, query: { from: "zhtj" } } });
console.log("guide", guide.data?.paste, guide.data?.steps.length);

console.log("submitted", (await refusal(hit.id, hit.name)) ?? "accepted");
console.log("submitted", (await refusal(hit.id, "another name")) ?? "accepted");
console.log("submitted", (await refusal("no-such-id", hit.name)) ?? "accepted");
