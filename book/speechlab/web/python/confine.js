/* What code of cells may not have, which reaches the worker's JavaScript by `import js`.

   Without these, whatever it does ends with the worker: it can read and change nothing that the
   browser keeps for this or another page, send the page no word but its outputs, and begin no worker
   in which they would be there again. Requests to other sites are for the page's policy to refuse
   (`site/python/policy.py`), which holds in the worker as well. */

const KEEPS = [
  "indexedDB",
  "caches",
  "cookieStore",
  "webkitRequestFileSystem",
  "webkitRequestFileSystemSync",
  "webkitResolveLocalFileSystemURL",
  "webkitResolveLocalFileSystemSyncURL",
];
const SPEAKS = ["postMessage", "close", "BroadcastChannel", "Worker", "SharedWorker"];
const OF_NAVIGATOR = ["storage", "storageBuckets", "serviceWorker", "locks"];

/** Take them away, for good; whoever needs one has to have taken it before. */
export function confine() {
  [...KEEPS, ...SPEAKS].forEach((name) => remove(self, name));
  OF_NAVIGATOR.forEach((name) => remove(self.navigator, name));
}

function remove(owner, name) {
  for (let place = owner; place; place = Object.getPrototypeOf(place)) delete place[name];
}
