/* Pages that run Python open without a network after the first visit; see `service_worker.js`.

   await offline.on(base)      saves this page and what it has loaded, unless the reader switched that off
   await offline.save(also)    the same for what it has loaded since, and for the addresses `also`: those that
                               a worker has loaded (`Kernel.files`) may have gone past the service worker
   await offline.off()         removes all that was saved; nothing is saved again before `offline.on`
   await offline.state()       { possible, on, held, saved }: `held` says whether this page is saved, `saved` is a
                               date where it came from the store
   offline.control(base)       an element with a sentence and a button for the reader */

const OFF = "speechlab offline";

let root = null;
let listens = false;
const others = new Set(); // addresses that workers have loaded

const possible = () => "serviceWorker" in navigator && window.isSecureContext;

/** What the reader chose. A browser that refuses to store things saves no page either. */
function switchedOff() {
  try {
    return localStorage.getItem(OFF) === "off";
  } catch {
    return true;
  }
}

function choose(choice) {
  try {
    if (choice === "off") localStorage.setItem(OFF, "off");
    else localStorage.removeItem(OFF);
  } catch {
    // Where nothing can be stored, nothing is saved.
  }
}

const registration = () => navigator.serviceWorker.getRegistration(root.href);

async function on(base, { again = false, also = [] } = {}) {
  also.forEach((url) => others.add(url));
  root = new URL("../", new URL(base, location.href));
  if (again) choose("on");
  if (!possible() || switchedOff()) return false;
  const script = new URL("service_worker.js", root);
  try {
    await navigator.serviceWorker.register(script, { scope: root.href, updateViaCache: "none" });
  } catch {
    return false; // this site has none, or the browser refuses it
  }
  await controlled();
  if (!listens) navigator.serviceWorker.addEventListener("controllerchange", () => switchedOff() || save());
  listens = true; // that of a new release saves what is new in this page
  if (document.readyState !== "complete") {
    await new Promise((done) => window.addEventListener("load", done, { once: true }));
  }
  return save();
}

/** Wait until the service worker hears this page. */
async function controlled() {
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  await new Promise((done) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
  });
}

async function save(also = []) {
  also.forEach((url) => others.add(url));
  if (!possible() || !navigator.serviceWorker.controller) return false;
  const page = location.href.split("#")[0];
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name.split("#")[0]);
  const answer = await ask({ ask: "save", urls: [...new Set([page, ...loaded])], also: [...others] });
  return answer.whole;
}

function ask(question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    navigator.serviceWorker.controller.postMessage(question, [port2]);
  });
}

async function off() {
  choose("off");
  if (!possible()) return;
  const found = await registration();
  await found?.unregister();
  const mine = (await caches.keys()).filter((name) => name.startsWith(`speechlab ${root.href} `));
  await Promise.all(mine.map((name) => caches.delete(name)));
}

async function state() {
  if (!possible()) return { possible: false, on: false, held: false, saved: null };
  const active = Boolean((await registration())?.active) && !switchedOff();
  const here = active && navigator.serviceWorker.controller;
  const url = location.href.split("#")[0];
  const { held, saved } = here ? await ask({ ask: "origin", url }) : { held: false, saved: null };
  return { possible: true, on: active, held, saved };
}

/** A sentence that says how it is, and a button that changes it. */
function control(base) {
  const box = document.createElement("p");
  box.className = "python-offline";
  const words = document.createElement("span");
  const button = document.createElement("button");
  button.type = "button";
  button.hidden = true; // until it is known what it does
  box.append(words, " ", button);
  words.setAttribute("role", "status");
  const show = async () => {
    root ??= new URL("../", new URL(base, location.href));
    const now = await state();
    button.hidden = !now.possible;
    button.textContent = now.on ? "Remove the saved pages" : "Save this page in the browser";
    if (!now.possible) words.textContent = "This browser does not save the page for offline use.";
    else if (!now.on) words.textContent = "This page needs a network.";
    else if (!now.held) words.textContent = "This page needs a network: it could not be saved just now.";
    else if (!now.saved) words.textContent = "This page is saved and opens without a network.";
    else words.textContent = `No network: this is the copy saved on ${date(now.saved)}.`;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    const now = await state();
    await (now.on ? off() : on(base, { again: true }));
    button.disabled = false;
    await show();
  });
  on(base).then(show, show);
  return box;
}

const date = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });

export const offline = { on, off, save, state, control };
