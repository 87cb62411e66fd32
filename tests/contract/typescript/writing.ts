// What a TypeScript app does to write: creates once, changes the version that it read, meets refusals, deletes.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

type Problem = components["schemas"]["Problem"];

const [, , baseUrl = "", editorsKey, readersKey] = process.argv;
const as = (key: string | undefined) => createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
const editor = as(editorsKey);
const reader = as(readersKey);
const everyTime = { header: { "If-Match": "*" } };

function refused(problem: Problem): never {
  throw new Error(`${problem.code}: ${problem.detail}`);
}

async function createPerson(name: string) {
  const body: components["schemas"]["PersonWrite"] = { name, name_kind: "outlet_pseudonym" };
  return editor.POST("/api/v1/persons/", { params: { header: { "Idempotency-Key": "once-typed" } }, body });
}

const created = await createPerson("Invented");
const again = await createPerson("Invented");
const mismatch = await createPerson("Another");
const person = created.data ?? refused(created.error);
const path = { path: { id: person.id } };

const testimony = await editor.POST("/api/v1/testimonies/", {
  body: { person_id: person.id, title: "Invented", summary: "Invented.", kind: "interview", account_language: "en" },
});
const draft = testimony.data ?? refused(testimony.error);
const etag = testimony.response.headers.get("ETag") ?? "";

async function retitle(client: typeof editor, version: string) {
  return client.PATCH("/api/v1/testimonies/{id}/", {
    params: { path: { id: draft.id }, header: { "If-Match": version } },
    body: { title: "Invented anew" },
  });
}

const forbidden = await retitle(reader, "*");
const changed = await retitle(editor, etag);
const overtaken = await retitle(editor, etag);
// @ts-expect-error: If-Match is required, and the service insists
const careless = await editor.PATCH("/api/v1/testimonies/{id}/", { params: { path: { id: draft.id } }, body: {} });
const needed = await editor.DELETE("/api/v1/persons/{id}/", { params: { ...path, ...everyTime } });

const gone = [
  await editor.DELETE("/api/v1/testimonies/{id}/", {
    params: { path: { id: draft.id }, header: { "If-Match": changed.response.headers.get("ETag") ?? "" } },
  }),
  await editor.DELETE("/api/v1/persons/{id}/", { params: { ...path, ...everyTime } }),
  await editor.GET("/api/v1/persons/{id}/", { params: path }),
];

// what the types refuse, or this file does not compile
// @ts-expect-error: no such word
const misspelt: components["schemas"]["PersonWrite"] = { name_kind: "nickname" };
// @ts-expect-error: whose testimony it is must be said
const nobodys: components["schemas"]["TestimonyWrite"] = { title: "Invented", kind: "interview", account_language: "en" };
void [misspelt, nobodys];

console.log(
  JSON.stringify({
    isOnce: again.data?.id === person.id,
    title: changed.data?.title,
    summary: changed.data?.summary,
    refused: [forbidden, overtaken, careless, needed, mismatch].map(({ error }) => [error?.status, error?.code]),
    gone: gone.map(({ response }) => response.status),
  }),
);
