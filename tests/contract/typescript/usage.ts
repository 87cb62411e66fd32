// What a TypeScript app does with the service: lists, filters, pages to the end, and reads problems. Its last line is for the test.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Testimony = components["schemas"]["TestimonySummary"];
type Problem = components["schemas"]["Problem"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

function refused(problem: Problem): never {
  throw new Error(`${problem.code}: ${problem.detail}`);
}

async function page(cursor?: string): Promise<components["schemas"]["TestimonyPage"]> {
  const query = { collection: ["press-testimonies"], page_size: 4, ...(cursor === undefined ? {} : { cursor }) };
  const { data, error } = await client.GET("/api/v1/testimonies/", { params: { query } });
  return data ?? refused(error);
}

async function all(): Promise<Testimony[]> {
  let next = await page();
  const found = [...next.results];
  while (next.next_cursor !== null) {
    next = await page(next.next_cursor);
    found.push(...next.results);
  }
  return found;
}

const everybody = await all();
const first: Testimony = everybody[0]!;

const women = await client.GET("/api/v1/testimonies/", {
  params: { query: { gender: ["female"], nationality: ["FR", "GB"], count: "exact", ordering: "-given" } },
});
const detail = await client.GET("/api/v1/testimonies/{id}/", { params: { path: { id: first.ref } } });
const unchanged = await client.GET("/api/v1/testimonies/{id}/", {
  params: { path: { id: first.ref }, header: { "If-None-Match": detail.response.headers.get("ETag") ?? "" } },
});
const missing = await client.GET("/api/v1/persons/{id}/", { params: { path: { id: "P-00000000" } } });
const unfit = await client.GET("/api/v1/testimonies/", { params: { query: { given_after: ["soon"] } } });

// what the types refuse, or this file does not compile
// @ts-expect-error: no such parameter
const misspelt = await client.GET("/api/v1/testimonies/", { params: { query: { natoinality: ["SY"] } } });
// @ts-expect-error: no such word
const unknown = await client.GET("/api/v1/testimonies/", { params: { query: { gender: ["femal"] } } });
// @ts-expect-error: a country may be null
const country: string = first.given_country;
// @ts-expect-error: no such key
void [first.legal_name, country];

console.log(
  JSON.stringify({
    refs: everybody.map((testimony) => testimony.ref),
    women: women.data?.count,
    citations: detail.data?.citations.map((citation) => citation.source.outlet),
    unchanged: unchanged.response.status,
    problems: [missing, unfit, misspelt, unknown].map(({ error }) => [error?.status, error?.code, error?.errors[0]?.code]),
  }),
);
