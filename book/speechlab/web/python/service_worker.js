/* Keeps pages that run Python for when there is no network. The site's root has a copy of this file,
   in which RELEASE is a checksum of the site; `offline.js` registers it for those pages.

   - Online, everything comes from the site, so no page is older than the site. Large files are the
     exception: they come from the store, and the page checks each against the site's list.
   - Offline, a saved page comes from the store and says so; of another page it is said that it is not
     there.
   - A new release has a new store, filled afresh with what the old one held. */

const RELEASE = "unreleased";
const SCOPE = new URL("./", self.location).href;
const MINE = `speechlab ${SCOPE} `;
const PAGES = `${MINE}pages ${RELEASE}`;
const FILES = `${MINE}files`;
const LARGE = ["_static/vendor/pyodide/", "_static/speechlab/python/large/"];
const PYTHON = "_static/speechlab/python/";

const saving = new Set(); // clients whose page is saved with all that it loads
const stored = new Map(); // of each client whose page came from the store, when that was saved

const SAVED = "x-speechlab-saved";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(replace().then(() => self.clients.claim()));
});

/** Fill the new release's store with what the old one held, and remove the old one. */
async function replace() {
  const old = (await caches.keys()).filter((name) => name.startsWith(`${MINE}pages `) && name !== PAGES);
  for (const name of old) {
    const store = await caches.open(name);
    const held = await store.keys();
    await Promise.all(held.map((request) => save(request.url).catch(() => carry(store, request))));
    await caches.delete(name);
  }
  if (old.length) await tidy();
}

/** Where the network goes in between, an old copy is better than none. */
async function carry(store, request) {
  await (await caches.open(PAGES)).put(request, await store.match(request));
}

/** Remove large files that the site does not list any more. */
async function tidy() {
  const answer = await fetch(`${SCOPE}${PYTHON}python.json`, { cache: "no-cache" }).catch(() => null);
  if (!answer?.ok) return;
  const { files = {}, large = {} } = await answer.json();
  const names = [...Object.keys(files), ...Object.keys(large)].map((name) => name.split("/").pop());
  const store = await caches.open(FILES);
  for (const request of await store.keys()) {
    const name = decodeURIComponent(new URL(request.url).pathname.split("/").pop());
    if (!names.includes(name.replace(/\.gz$/, ""))) await store.delete(request);
  }
}

/* A file of these folders by its own address: with a question behind it, one file could be kept any
   number of times. */
const isIn = (url, folders) =>
  !url.includes("?") && folders.some((folder) => url.startsWith(SCOPE + folder));

/* Only what the page checks: not Pyodide's own script. */
const isLarge = (url) =>
  (isIn(url, LARGE) && !url.endsWith("/pyodide.mjs")) || url === `${SCOPE}${PYTHON}speechlab.zip`;

async function save(url) {
  const answer = await fetch(url, { cache: "no-cache" });
  if (answer.ok) await keep(PAGES, url, answer);
}

async function keep(name, key, answer) {
  const headers = new Headers(answer.headers);
  headers.set(SAVED, new Date().toISOString());
  // The body arrives unpacked.
  headers.delete("content-encoding");
  headers.delete("content-length");
  const { status, statusText } = answer;
  const store = await caches.open(name);
  await store.put(key, new Response(await answer.blob(), { status, statusText, headers }));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split("#")[0];
  if (request.method !== "GET" || !url.startsWith(SCOPE) || request.headers.has("range")) return;
  event.respondWith(isLarge(url) ? large(event, url) : small(event, url));
});

/** From the store first; the page asks with `reload` for what it found damaged. */
async function large(event, url) {
  const fresh = event.request.cache === "reload";
  const held = fresh ? undefined : await (await caches.open(FILES)).match(url);
  if (held) return held;
  const answer = await fetch(event.request);
  if (answer.ok) event.waitUntil(keep(FILES, url, answer.clone()).catch(() => {}));
  return answer;
}

/** From the site first; from the store where the site is out of reach. */
async function small(event, url) {
  const { request } = event;
  const store = await caches.open(PAGES);
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const held = await store.match(url, { ignoreSearch: request.mode !== "navigate" });
    if (!held && request.mode === "navigate") return absent();
    if (!held) throw error;
    if (request.mode === "navigate") stored.set(event.resultingClientId, held.headers.get(SAVED));
    return held;
  }
  const python = isIn(url, [PYTHON, LARGE[0]]);
  const wanted = python || saving.has(event.clientId);
  if (answer.ok && (wanted || (await store.match(url)))) {
    event.waitUntil(keep(PAGES, url, answer.clone()).catch(() => {}));
  }
  return answer;
}

function absent() {
  const page =
    "<!doctype html><html lang=en><meta charset=utf-8><title>No network</title>" +
    '<meta name=viewport content="width=device-width">' +
    "<h1>There is no network</h1><p>This page is not among those that this browser has saved. " +
    "<a href='javascript:history.back()'>Back</a></p></html>";
  return new Response(page, { status: 503, headers: { "Content-Type": "text/html" } });
}

self.addEventListener("message", (event) => {
  const { ask, urls = [] } = event.data;
  const client = event.source?.id;
  const reply = (answer) => event.ports[0]?.postMessage(answer);
  if (ask === "save") {
    saving.add(client);
    const mine = urls.filter((url) => url.startsWith(SCOPE) && !isLarge(url));
    const work = missing(mine).then((lacking) =>
      Promise.all(lacking.map((url) => save(url).then(() => null, () => url))),
    );
    event.waitUntil(work.then((failed) => reply({ failed: failed.filter(Boolean) })));
  } else if (ask === "origin") {
    reply({ saved: stored.get(client) ?? null, release: RELEASE });
  }
});

async function missing(urls) {
  const store = await caches.open(PAGES);
  const held = await Promise.all(urls.map((url) => store.match(url)));
  return urls.filter((_, n) => !held[n]);
}
