/* Python, in a worker of its own, so that the page answers while it computes and can end it.

   `kernel.js` sends { id, ask, ... } and gets { id, answer } or { id, refusal }, before that any
   number of { id, output } and { state }. { dead } says that Python has ended for good. */

import { confine } from "./confine.js";
import { answerFrom, FileError, Files, HERE, PYODIDE, text } from "./files.js";

const MEMORY = 2 ** 30; // bytes; beyond them Python says MemoryError, rather than the phone "no"
const PARTS = ["cells.py", "stand_in.py", "members.py", "page_backend.py", "wide_views.py", "bridge.py"];
const PLACES = { "stand_in.py": "IPython/display.py" };
const IPYTHON = `from .display import display, get_ipython
version_info = (9, 0)  # Matplotlib asks for it
`;
const CORE = ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide.asm.mjs", "pyodide-lock.json"];

let started = null;
let running = null; // the question whose output comes now

const post = self.postMessage.bind(self); // no code of cells has it
const tell = (state) => post({ state });

/** What code seems to import, seen before there is a Python to look properly. */
function guessed(code) {
  const names = new Set();
  for (const [, name] of code.matchAll(/^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)/gm)) names.add(name);
  for (const [, name] of code.matchAll(/\b(numpy|scipy|matplotlib|speechlab)\b/g)) names.add(name);
  return names;
}

async function start(code) {
  const [listed, ...parts] = await Promise.all([
    text("python.json").then(JSON.parse),
    ...PARTS.map(text),
  ]);
  if (!listed.pyodide) throw new FileError(listed.why);
  const files = new Files(listed, tell);
  files.restart("Python");
  const core = Object.fromEntries(CORE.map((name) => [name, files.get(name)]));
  const early = early_files(listed.files, guessed(code));
  files.expect(early);
  // Packages arrive while Python starts.
  const then = () => early.forEach((name) => files.get(name).catch(() => {}));
  Promise.all(Object.values(core)).then(then, () => {});
  answerFrom(files);
  const [script, lock] = await Promise.all([core["pyodide.asm.mjs"], core["pyodide-lock.json"]]);
  limitMemory();
  confine();
  const { loadPyodide } = await import(new URL("pyodide.mjs", PYODIDE));
  const module = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const python = await loadPyodide({
    indexURL: PYODIDE.href,
    packageBaseUrl: PYODIDE.href,
    lockFileContents: JSON.parse(new TextDecoder().decode(lock)),
    createPyodideModule: (await import(module)).default,
    stdout: () => {}, // what is written while no cell runs
    stderr: () => {},
    env: { HOME: "/home/pyodide", MPLBACKEND: "module://page_backend" },
  });
  URL.revokeObjectURL(module);
  files.release(CORE);
  const home = python.runPython("import site; site.getsitepackages()[0]");
  python.FS.mkdir(`${home}/IPython`);
  PARTS.forEach((name, n) => python.FS.writeFile(`${home}/${PLACES[name] ?? name}`, parts[n]));
  python.FS.writeFile(`${home}/IPython/__init__.py`, IPYTHON);
  const bridge = python.pyimport("bridge");
  const emit = (output) => post({ id: running, output });
  return { listed, files, python, bridge, home, session: bridge.Session(emit) };
}

/** The files of the packages that have one of these top-level names, as far as the page has them. */
function early_files(files, names) {
  const wanted = { numpy: ["numpy"], scipy: ["numpy", "scipy"], matplotlib: [], speechlab: [] };
  wanted.matplotlib = Object.keys(files)
    .filter((name) => name.endsWith(".whl") && !name.startsWith("scipy-"))
    .map((name) => name.split("-")[0]);
  const packages = new Set([...names].flatMap((name) => wanted[name] ?? []));
  const found = Object.keys(files).filter((name) => packages.has(name.split("-")[0]));
  return names.has("speechlab") ? ["speechlab.zip", ...found] : found;
}

/* The engine lets Python have up to 4 GB. A phone ends a page that takes a quarter of that. */
function limitMemory() {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65536 > MEMORY) throw new RangeError("too much memory");
    return grow.call(this, pages);
  };
}

/** Load what the code imports and is not there yet. */
async function provide(env, code, modules = []) {
  const names = () => {
    const found = env.bridge.top_level(code, modules);
    return new Set(found);
  };
  let wanted = names();
  if (wanted.has("speechlab") && !env.speechlab) {
    if (env.files.total === env.files.loaded) env.files.restart("the book's speechlab");
    const archive = await env.files.get("speechlab.zip");
    env.python.unpackArchive(archive, "zip", { extractDir: env.home });
    env.files.release(["speechlab.zip"]);
    env.bridge.promise_files(new URL("large/", HERE).href, env.listed.large);
    env.speechlab = true;
    wanted = names();
  }
  const { packages } = env.python.lockfile;
  const lacking = Object.keys(packages).filter(
    (name) =>
      packages[name].file_name in env.listed.files &&
      !has(env.python, name) &&
      packages[name].imports.some((module) => wanted.has(module)),
  );
  if (lacking.length) await loadPackages(env, lacking);
}

/** Whether Python has a package of the list, whose keys are names in small letters. */
function has(python, key) {
  return python.lockfile.packages[key].name in python.loadedPackages;
}

const TITLES = { numpy: "NumPy", scipy: "SciPy", matplotlib: "Matplotlib" };

async function loadPackages(env, names) {
  const { python, files } = env;
  const all = new Set();
  const add = (name) => {
    if (all.has(name) || has(python, name)) return;
    all.add(name);
    python.lockfile.packages[name].depends.forEach(add);
  };
  names.forEach(add);
  if (files.total === files.loaded) {
    const titles = names.map((name) => TITLES[name]).filter(Boolean);
    files.restart(titles.join(" and ") || names.join(" and "));
  }
  const lacking = [...all].map((name) => python.lockfile.packages[name].file_name);
  await Promise.all(lacking.map((name) => files.get(name))); // a damaged one is refused here
  const complaints = [];
  await python.loadPackage([...all], {
    checkIntegrity: false,
    messageCallback: () => {},
    errorCallback: (message) => complaints.push(message),
  });
  // loadPackage does not throw.
  const failed = [...all].filter((name) => !has(python, name));
  if (failed.length) {
    throw new FileError(`Python could not take over ${failed.join(", ")}: ${complaints.join(" ")}`);
  }
  files.release(lacking);
  if (all.has("numpy")) env.bridge.mend();
}

const ASKS = {
  async run(env, { code, name, anew }) {
    await provide(env, code);
    tell({ phase: "running", message: "Running" });
    const begun = performance.now();
    const error = await env.session.run(code, name, anew);
    return { error: error ?? null, seconds: (performance.now() - begun) / 1000 };
  },
  async call(env, { name, given }) {
    const home = name.split(".").slice(0, -1).join(".");
    await provide(env, "", home ? [home] : []);
    tell({ phase: "running", message: "Running" });
    return env.session.call(name, given);
  },
  async prepare(env, { code }) {
    await provide(env, code);
    return {};
  },
  async names(env) {
    return { names: env.session.names() };
  },
  async members(env, { path }) {
    return { members: env.session.members(path) };
  },
  async reset(env) {
    env.session.reset();
    return {};
  },
};

/** Bytes and arrays are handed over, not copied. */
function buffers(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer);
  else if (value && typeof value === "object") Object.values(value).forEach((part) => buffers(part, found));
  return found;
}

async function answer({ id, ask, ...given }) {
  try {
    started ??= start(given.code ?? given.name ?? "");
    const env = await started;
    running = id;
    const result = await ASKS[ask](env, given);
    const files = performance.getEntriesByType("resource").map((entry) => entry.name);
    tell({ phase: "ready", message: "Ready", files }); // first, so that who gets the answer meets this state
    post({ id, answer: result }, [...buffers(result)]);
  } catch (error) {
    if (error instanceof FileError) {
      await started?.catch(() => (started = null)); // a start that failed is tried again
      tell({ phase: "failed", message: error.message });
      post({ id, refusal: { name: "FileError", message: error.message } });
    } else {
      post({ id, dead: String(error?.message ?? error) });
    }
  } finally {
    running = null;
  }
}

let last = Promise.resolve();
self.addEventListener("message", ({ data }) => {
  last = last.then(() => answer(data));
});
