/* Keeps pages that run Python for when there is no network. The site's root has a copy of this file,
   in which RELEASE is a checksum of the site; `offline.js` registers it for those pages.

   - Online, everything comes from the site, so no page is older than the site. Large files are the
     exception: they come from the store, and the page checks each against the site's list.
   - Offline, a saved page comes from the store and says so; of another page it is said that it is not
     there.
   - What is saved is of one release. A new release has a store of its own, which is filled while this
     script is installed and takes over when it is whole; where the network goes in between, the install
     fails, the earlier release stays as it is, and the browser tries again later.
   - A page that came from the network gets no file of the store if the site is of another release. */

const RELEASE = "unreleased";
const SCOPE = new URL("./", self.location).href;
const MINE = `speechlab ${SCOPE} `;
const PAGES = `${MINE}pages ${RELEASE}`; // also such large files as are not those of earlier releases
const FILES = `${MINE}files`;
const LARGE = ["_static/vendor/pyodide/", "_static/speechlab/python/large/"];
const PYTHON = "_static/speechlab/python/";
const LIST = `${SCOPE}${PYTHON}python.json`;
const PAUSE = 300; // ms in which files that are to be saved are collected

const saving = new Set(); // clients whose page is saved with all that it loads
const stored = new Map(); // of each client whose page came from the store, when that was saved
const same = new Map(); // of each other client, a promise: whether its page is of this release

const SAVED = "x-speechlab-saved";

self.addEventListener("install", (event) => {
  event.waitUntil(prepare().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(settle().then(() => self.clients.claim()));
});

// --- from release to release

const earlier = async () =>
  (await caches.keys()).filter((name) => name.startsWith(`${MINE}pages `) && name !== PAGES);

/** Fetch what earlier releases hold, as it is now; fails if any of it cannot be had. */
async function prepare() {
  const held = new Set();
  for (const name of await earlier()) {
    for (const { url } of await (await caches.open(name)).keys()) held.add(url);
  }
  if (!held.size) return;
  const store = await caches.open(PAGES);
  await collect([...held].filter((url) => !isLarge(url)), (url, answer) => store.put(url, answer));
  const files = await caches.open(FILES);
  for (const { url } of await files.keys()) held.add(url);
  const list = await (await store.match(LIST))?.json();
  for (const url of [...held].filter(isLarge)) {
    const sum = list && summed(list, url);
    if (!sum) continue; // the site has it no more
    if (await isSound(await files.match(url), url, sum)) continue;
    const answer = await fetch(url, { cache: "no-cache" });
    if (!(await isSound(answer.clone(), url, sum))) throw new Error(`damaged: ${url}`);
    await store.put(url, await dated(answer));
  }
  if (!(await isCurrent())) throw new Error("The site has changed again.");
}

/** This release is whole: remove the earlier ones, and large files that it has otherwise or not at all. */
async function settle() {
  for (const name of await earlier()) await caches.delete(name);
  const [store, files] = [await caches.open(PAGES), await caches.open(FILES)];
  const list = await (await store.match(LIST))?.json();
  if (!list) return;
  for (const { url } of await files.keys()) {
    if (!summed(list, url) || (await store.match(url))) await files.delete(url);
  }
}

/** Whether the site is still of this release; fails where there is no network. */
async function isCurrent() {
  const answer = await fetch(`${SCOPE}service_worker.js`, { cache: "no-cache" });
  return answer.ok && (await answer.text()).includes(`"${RELEASE}"`);
}

/** Fetch files, and the scripts, styles and pictures that they ask for; `keep` gets each. Those that the
    site has no more are left out; fails if any other cannot be had. */
async function collect(urls, keep) {
  const known = new Set(urls);
  for (let next = [...known]; next.length;) {
    const found = await Promise.all(next.map(async (url) => {
      const answer = await fetch(url, { cache: "no-cache" });
      if (answer.status === 404 || answer.status === 410) return [];
      if (!answer.ok) throw new Error(`${answer.status}: ${url}`);
      const asked = await asks(answer.clone());
      await keep(url, await dated(answer));
      return asked;
    }));
    next = found.flat().filter((url) => !known.has(url) && known.add(url));
  }
}

const ASKS = {
  html: /<script\b[^>]*\ssrc="([^"]+)"|<link\b(?=[^>]*rel="stylesheet")[^>]*\shref="([^"]+)"|<img\b(?![^>]*loading="lazy")[^>]*\ssrc="([^"]+)"/g,
  javascript: /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g,
};

/** The addresses that a page or script asks for by itself. */
async function asks(answer) {
  const type = answer.headers.get("content-type") ?? "";
  const pattern = Object.entries(ASKS).find(([name]) => type.includes(name))?.[1];
  if (!pattern) return [];
  const found = [...(await answer.text()).matchAll(pattern)].map((match) => match.slice(1).find(Boolean));
  const urls = found.map((name) => new URL(name, answer.url).href.split("#")[0]);
  return urls.filter((url) => url.startsWith(SCOPE) && !isLarge(url));
}

// --- what is kept

/* A file of these folders by its own address: with a question behind it, one file could be kept any
   number of times. */
const isIn = (url, folders) =>
  !url.includes("?") && folders.some((folder) => url.startsWith(SCOPE + folder));

/* Only what the page checks: not Pyodide's own script. */
const isLarge = (url) =>
  (isIn(url, LARGE) && !url.endsWith("/pyodide.mjs")) || url === `${SCOPE}${PYTHON}speechlab.zip`;

/** The SHA-256 that the site's list has of a large file. */
function summed({ files = {}, large = {} }, url) {
  const path = decodeURIComponent(url);
  const [, speech] = path.split(SCOPE + LARGE[1]);
  return (speech ? large[speech] : files[path.split("/").pop().replace(/\.gz$/, "")])?.sha256;
}

/** Whether the answer is the file of that sum. */
async function isSound(answer, url, sum) {
  if (!answer?.ok) return false;
  const packed = url.endsWith(".gz");
  const body = packed ? answer.body.pipeThrough(new DecompressionStream("gzip")) : answer.body;
  try {
    const digest = await crypto.subtle.digest("SHA-256", await new Response(body).arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("") === sum;
  } catch {
    return false;
  }
}

/** An answer as it is kept, with the time. */
async function dated(answer) {
  const headers = new Headers(answer.headers);
  headers.set(SAVED, new Date().toISOString());
  // The body arrives unpacked.
  headers.delete("content-encoding");
  headers.delete("content-length");
  const { status, statusText } = answer;
  return new Response(await answer.blob(), { status, statusText, headers });
}

/** Add files to this release's store: all of them, or none. */
async function add(urls) {
  const store = await caches.open(PAGES);
  const held = await Promise.all(urls.map((url) => store.match(url)));
  const lacking = urls.filter((_, n) => !held[n]);
  if (!lacking.length) return;
  const found = new Map();
  await collect(lacking, (url, answer) => found.set(url, answer));
  if (!(await isCurrent())) {
    self.registration.update().catch(() => {}); // the page asks again when that one is there
    throw new Error("The site is of another release.");
  }
  for (const [url, answer] of found) await store.put(url, answer);
}

const waiting = new Set();
let pause = null;
let last = Promise.resolve();

/** Add a file soon, together with those that are asked for meanwhile. */
function soon(url) {
  waiting.add(url);
  pause ??= new Promise((done) => setTimeout(done, PAUSE)).then(() => {
    const urls = [...waiting];
    waiting.clear();
    pause = null;
    last = last.then(() => add(urls)).catch(() => {});
    return last;
  });
  return pause;
}

/** Keep a large file if it is that of this release. */
async function keepLarge(url, answer) {
  await pause;
  await last; // the list is among what is being added
  const list = await (await (await caches.open(PAGES)).match(LIST))?.json();
  const sum = list && summed(list, url);
  if (!sum || !(await isSound(answer.clone(), url, sum))) return;
  await (await caches.open(FILES)).put(url, await dated(answer));
}

/** Keep large files that were loaded before this script heard of it; the browser may have them. */
async function addLarge(urls) {
  for (const url of urls) {
    const held = await Promise.all([PAGES, FILES].map(async (name) => (await caches.open(name)).match(url)));
    if (!held.some(Boolean)) await keepLarge(url, await fetch(url, { cache: "force-cache" }));
  }
}

// --- what pages ask for

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split("#")[0];
  if (request.method !== "GET" || !url.startsWith(SCOPE) || request.headers.has("range")) return;
  event.respondWith(isLarge(url) ? large(event, url) : small(event, url));
});

/** From the store, unless the page has found that copy to be damaged; then from the site. */
async function large(event, url) {
  if (event.request.cache !== "reload") {
    for (const name of [PAGES, FILES]) {
      const held = await (await caches.open(name)).match(url);
      if (held) return held;
    }
  }
  const answer = await fetch(event.request);
  if (answer.ok) event.waitUntil(keepLarge(url, answer.clone()).catch(() => {}));
  return answer;
}

/** From the site first; from the store where the site is out of reach, and for pages that come from there. */
async function small(event, url) {
  const { request, clientId, resultingClientId } = event;
  const visits = request.mode === "navigate";
  const store = await caches.open(PAGES);
  const match = () => store.match(url, { ignoreSearch: !visits });
  if (!visits && stored.has(clientId)) {
    const held = await match();
    if (held) return held;
  }
  let answer;
  try {
    answer = await fetch(fresh(request, same.has(clientId) && !visits));
  } catch (error) {
    const held = (visits || (await (same.get(clientId) ?? true))) && (await match());
    if (!held && visits) return absent();
    if (!held) throw error;
    if (visits) stored.set(resultingClientId, held.headers.get(SAVED));
    return held;
  }
  if (visits) {
    const found = isSame(answer.clone(), await store.match(url));
    same.set(resultingClientId, found);
    event.waitUntil(found);
  } else if (answer.ok && (saving.has(clientId) || isIn(url, [PYTHON, LARGE[0]]))) {
    event.waitUntil(soon(url));
  }
  return answer;
}

/** What the browser has kept itself may be of another release: only the site knows, but for what goes with
    a page that came from the site just now. */
function fresh(request, goes) {
  return goes || request.cache !== "default" ? request : new Request(request, { cache: "no-cache" });
}

/** Whether a page that has come is of this release, whose files then go with it. */
async function isSame(answer, held) {
  try {
    return await isCurrent();
  } catch {
    return Boolean(held) && (await answer.text()) === (await held.text());
  }
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
  const { ask, urls = [], also = [], url } = event.data;
  const client = event.source?.id;
  const reply = (answer) => event.ports[0]?.postMessage(answer);
  if (ask === "save") {
    saving.add(client);
    // Of a worker what is Python's, and nothing that code of cells may have asked for.
    const python = also.filter((one) => isIn(one, [PYTHON, LARGE[0]]));
    const mine = [...new Set([...urls.filter((one) => one.startsWith(SCOPE)), ...python])];
    const work = add(mine.filter((one) => !isLarge(one))).then(() => addLarge(mine.filter(isLarge)));
    event.waitUntil(work.then(() => reply({ whole: true }), () => reply({ whole: false })));
  } else if (ask === "origin") {
    const held = caches.open(PAGES).then((store) => store.match(url));
    const saved = stored.get(client) ?? null;
    event.waitUntil(held.then((page) => reply({ saved, held: Boolean(page), release: RELEASE })));
  }
});
