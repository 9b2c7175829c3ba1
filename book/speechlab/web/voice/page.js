/* The page of the reader's own voice: Python computes, this plays, draws and says what was found. */
import { make } from "../instruments/parts.js";
import { available, Kernel, lacking } from "../python/kernel.js";
import { offline } from "../python/offline.js";
import * as pictures from "./pictures.js";
import { chosen, decoded, LONGEST, RATE, record, Trouble, wav } from "./recorder.js";

const BASE = new URL("../../", import.meta.url);
const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const GROUPS = ["men", "women", "children"];
const page = document.querySelector(".voice-desk");
const status = make("p", { class: "voice-status", role: "status" });
const trouble = make("p", { class: "voice-trouble", role: "alert" });
const progress = make("progress", { max: 1, value: 0, "aria-label": "Loading Python" });
progress.hidden = true;
let current = null; // the recording: { samples, name, run }
let runs = 0;
let recording = null;

const kernel = new Kernel({
  base: BASE,
  onstate({ phase, loaded, total, message }) {
    progress.hidden = phase !== "loading";
    if (phase === "loading") {
      progress.value = total ? loaded / total : 0;
      status.textContent = `${message}. It is kept for the next visit.`;
    } else if (phase === "failed") {
      status.textContent = message;
    }
  },
});

// --- what every result is made of --------------------------------------------------------------

const place = (name) => document.querySelector(`[data-voice="${name}"]`);
const say = (to, text) => to.append(make("p", { class: "voice-words" }, text));
const percent = (part) => `${Math.round(100 * part)}\u00a0%`;
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A player for samples, with a link that saves them. */
function sound(to, samples, caption, file) {
  const address = URL.createObjectURL(wav(samples));
  current.addresses.push(address);
  to.append(make("figure", { class: "speech-sound voice-sound" },
    make("audio", { controls: "", preload: "metadata", src: address, "aria-label": caption }),
    make("figcaption", {}, `${caption} `,
      make("a", { href: address, download: `${file}.wav` }, `Save ${file}.wav`))));
}

/** Radio buttons for one of a few. */
function choice(to, legend, options, chosen_, act) {
  const name = `voice-${(runs += 1)}`;
  const buttons = options.map((words, k) => {
    const input = make("input", { type: "radio", name, value: k, change: () => act(k) });
    input.checked = k === chosen_;
    return make("label", {}, input, ` ${words}`);
  });
  to.append(make("fieldset", { class: "voice-choice" }, make("legend", {}, legend), ...buttons));
}

function table(to, caption, heads, rows) {
  to.append(make("div", { class: "voice-table" }, make("table", { class: "table" },
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map((one) => make("th", { scope: "col" }, one)))),
    make("tbody", {}, ...rows.map(([first, ...cells]) => make("tr", {},
      make("th", { scope: "row" }, first), ...cells.map((cell) => make("td", {}, cell))))))));
}

// --- the results, the quick ones first ---------------------------------------------------------

const seconds = () => current.samples.length / RATE;

const RESULTS = {
  look: {
    needs: ["look"],
    show(to, look) {
      look.warnings.forEach((warning) => say(to, warning));
    },
  },
  spectrogram: {
    needs: ["spectrogram", "mfcc"],
    show(to, { level }, { coefficients }) {
      const label = "Spectrogram: level over time and frequency, up to 70 dB below the loudest.";
      const y = { from: 0, to: 4000, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] };
      pictures.map(to, level, seconds(), y, { from: -70, to: 0, label });
      const rows = { from: -0.5, to: 11.5, label: "Coefficient", ticks: [0, 3, 6, 9].map((k) => [k, k + 1]) };
      const [, columns] = coefficients.shape;
      const upper = { shape: [12, columns], data: coefficients.data.subarray(columns) };
      pictures.map(to, upper, seconds(), rows, { from: -40, to: 40, height: 150,
        label: "Cepstral coefficients 1 to 12 over time." });
      say(to, `Above: ${level.shape[1]} spectra of 25 ms. Below: the cepstral coefficients 1 to 12 of ` +
        `${columns} frames; bright is positive, dark negative.`);
    },
  },
  pitch: {
    needs: ["pitch"],
    show(to, { hertz, seconds: step, usual }) {
      if (!usual) return say(to, "No voice was found in this recording: nothing in it repeats 60 to 400 times a second.");
      pictures.pitch(to, hertz.data, step, seconds());
      const there = [...hertz.data].filter((one) => one > 0);
      say(to, `Your pitch goes from ${Math.round(Math.min(...there))} to ${Math.round(Math.max(...there))} Hz; half ` +
        `of the voiced frames lie below ${Math.round(usual)} Hz. ${percent(there.length / hertz.data.length)} of the ` +
        "recording is voiced.");
    },
  },
  formants: {
    needs: ["formants", "vowel_chart", "pitch"],
    show(to, found, chart, { usual }) {
      if (!found.hertz.shape[0]) return say(to, "Without voice there are no formants to measure.");
      const drawn = make("div", {});
      const draw = (group) => {
        drawn.replaceChildren();
        pictures.vowels(drawn, chart, group, found);
        const [f1, f2] = found.steady.data;
        const word = chart.words[pictures.nearest(chart, group, [f1, f2])];
        say(drawn, `Where they moved least, F1 was ${Math.round(f1)} Hz and F2 ${Math.round(f2)} Hz. Of the ` +
          `${GROUPS[group]}'s vowels of the table the nearest is that of “${word}”.`);
      };
      const likely = usual > 250 ? 2 : usual > 165 ? 1 : 0;
      choice(to, "Beside the averages of", GROUPS, likely, draw);
      to.append(drawn);
      draw(likely);
    },
  },
  digits: {
    needs: ["by_models", "by_templates", "by_network"],
    show(to, models, templates, network) {
      const rows = [];
      const [count] = models.spans.shape;
      const within = [...network.at.data.keys()];
      for (let k = 0; k < count; k += 1) {
        const [start, end] = [0, 1].map((n) => models.spans.data[2 * k + n] / RATE);
        const heard = within.filter((n) => network.at.data[n] >= start && network.at.data[n] < end);
        rows.push([`${start.toFixed(1)} to ${end.toFixed(1)} s`,
          ranked(templates, k), `${ranked(models, k)} (${percent(models.sure.data[k])})`,
          heard.map((n) => `${WORDS[network.digits.data[n]]} (${percent(network.sure.data[n])})`).join(", ") || "nothing"]);
      }
      if (count) {
        table(to, "What each recogniser heard, and how sure it was.",
          ["When", "Templates (DTW)", "Models (HMM)", "Network (CTC)"], rows);
      } else {
        say(to, "No word stands out from the rest of this recording.");
      }
      const said = [...network.digits.data].map((digit) => WORDS[digit]).join(", ");
      say(to, `The network, which is not told where words are: ${said || "no digit at all"}.`);
      const ticks = [[0, "blank"], ...WORDS.map((_, k) => [k + 1, k])];
      pictures.map(to, pictures.transposed(network.posteriors), seconds(),
        { from: -0.5, to: 10.5, label: "Class", ticks },
        { from: 0, to: 1, height: 260, label: "Probability of the blank and of each digit over time." });
      if (!network.digits.data.length) return;
      const cells = [[0, "·"], ...[...network.digits.data].flatMap((digit, k) =>
        [[2 * k + 1, digit], [2 * k + 2, "·"]])];
      const label = "The lattice: the share of each cell in all paths that spell these digits.";
      pictures.map(to, pictures.transposed(network.lattice), seconds(),
        { from: -0.5, to: cells.length - 0.5, label: "Digits, blanks", ticks: cells },
        { from: 0, to: 1, height: Math.min(420, 90 + 20 * cells.length), label });
      say(to, "Above: the probabilities of the network. Below: its lattice for these digits, each cell as bright as its share of the paths; blanks are dots.");
    },
  },
  units: {
    needs: ["units"],
    show(to, { units, bits_per_second, of }) {
      const numbers = [...units.data];
      pictures.units(to, numbers, of, seconds());
      const turns = numbers.filter((unit, k) => unit !== numbers[k - 1]);
      say(to, `${plural(numbers.length, "unit")}, of which ${new Set(numbers).size} different ones; without repetitions ` +
        `${plural(turns.length, "unit")}, the first: ${turns.slice(0, 16).join(", ")}. With the pitch that is sent along ` +
        `they need ${Math.round(bits_per_second)} bits a second.`);
    },
  },
  vocoded: {
    needs: ["vocoded"],
    show(to, { samples }) {
      sound(to, samples.data, "Out of 40 levels every 10 ms, by HiFi-GAN.", "by-hifi-gan");
    },
  },
  voices: {
    needs: ["voices"],
    async show(to, names) {
      const made = make("div", { "aria-live": "polite" });
      const speak = async (k) => {
        const run = current;
        made.replaceChildren(make("p", {}, "Python is at it ..."));
        const { samples } = await kernel.call("speechlab.voice.spoken_by", run.samples, names[k]);
        if (run !== current) return;
        made.replaceChildren();
        sound(made, samples.data, `Your units and your melody, in the voice ${names[k]}.`, `as-${names[k]}`);
      };
      choice(to, "Said again by", names, 1, (k) => speak(k).catch(told));
      to.append(made);
      await speak(1);
    },
  },
  prediction: {
    needs: ["prediction"],
    show(to, { residual, again, gain }) {
      pictures.waveform(to, residual.data, RATE, "The residual over time.");
      say(to, `The residual is ${gain.toFixed(1)} dB below the speech.`);
      sound(to, residual.data, "The residual: what ten coefficients every 10 ms do not foresee.", "residual");
      sound(to, again.data, "The residual through the filters again: your recording.", "resynthesis");
    },
  },
  robot: {
    needs: ["robot"],
    show(to, { samples, bits_per_second }) {
      sound(to, samples.data, `Pulses or noise in its place, ${Math.round(bits_per_second)} bits a second.`, "robot");
    },
  },
  codec: {
    needs: ["codec"],
    show(to, { samples, stream, bits_per_second, snr }) {
      say(to, `${stream.length} bytes for ${seconds().toFixed(1)} s, ${Math.round(bits_per_second)} bits a second; the ` +
        `recording itself has ${2 * current.samples.length} bytes. The error is ${snr.toFixed(1)} dB below the speech.`);
      sound(to, samples.data, "Through the codec.", "by-celp");
    },
  },
};

function ranked({ scores, digits }, k) {
  const own = [...scores.data.subarray(10 * k, 10 * k + 10)];
  const order = own.map((_, digit) => digit).sort((a, b) => own[b] - own[a]);
  return `${WORDS[digits.data[k]]}, then ${WORDS[order[1]]}`;
}

// --- one recording after the other -------------------------------------------------------------

/** Show a recording at once, then all results, as far as no other recording has come. */
async function take(samples, name, notes) {
  current?.addresses.forEach((address) => URL.revokeObjectURL(address));
  const run = (current = { samples, name, addresses: [], begun: performance.now() });
  document.querySelectorAll("[data-voice]:not([data-voice=offline])").forEach((to) => to.replaceChildren());
  status.textContent = "Python is at work.";
  const shown = place("recording");
  notes.forEach((note) => say(shown, note));
  pictures.waveform(shown, samples, RATE, "The recording over time.");
  sound(shown, samples, `${name}, ${(samples.length / RATE).toFixed(1)} s at 8 kHz.`, "recording");
  page.dispatchEvent(new CustomEvent("voice-recording", { detail: samples }));
  const known = new Map(); // results that two pictures need
  const found = (asked) => {
    if (!known.has(asked)) {
      const given = ["vowel_chart", "voices"].includes(asked) ? [] : [samples];
      known.set(asked, kernel.call(`speechlab.voice.${asked}`, ...given));
    }
    return known.get(asked);
  };
  const all = Object.entries(RESULTS);
  for (const [key, { needs, show }] of all) {
    const to = place(key);
    const waits = make("p", { class: "voice-waits" }, "Python is at it ...");
    to.append(waits);
    const values = [];
    for (const asked of needs) {
      values.push(await found(asked));
      if (run !== current) return;
    }
    waits.remove();
    await show(to, ...values);
    if (run !== current) return;
    const took = (performance.now() - run.begun) / 1000;
    page.dispatchEvent(new CustomEvent("voice-result", { detail: { key, values, took } }));
    status.textContent = `Result ${all.findIndex(([one]) => one === key) + 1} of ${all.length} is there.`;
  }
  status.textContent = "All results are there. Each sound can be saved.";
  offline.save(kernel.files); // what Python has loaded; of the recording nothing is kept
}

const told = (error) => {
  if (error.name === "Stopped") return;
  document.querySelectorAll(".voice-waits").forEach((one) => one.remove());
  trouble.textContent = error.message;
  if (!(error instanceof Trouble) && error.name !== "ValueError") console.warn(error.traceback ?? error);
};

/** Get bytes, decode and take them; one sentence where it fails. */
async function from(bytes, name) {
  trouble.textContent = "";
  try {
    const { samples, beyond } = await decoded(await bytes);
    const notes = beyond > 0.05
      ? [`The recording is ${Math.round(beyond + LONGEST)} s long; these are its first ${LONGEST} s.`] : [];
    await take(samples, name, notes);
  } catch (error) {
    told(error);
  }
}

// --- the desk ----------------------------------------------------------------------------------

function desk() {
  const meter = make("meter", { min: 0, max: 1, low: 0.05, high: 0.98, optimum: 0.5, value: 0,
    "aria-label": "Level of the microphone" });
  meter.hidden = true;
  const button = make("button", { type: "button", class: "voice-record", click: () => press() }, "Record");
  const file = make("input", { type: "file", accept: "audio/*,video/mp4,video/webm", id: "voice-file", change: async () => {
    const [one] = file.files;
    if (!one) return;
    kernel.prepare("import speechlab.voice");
    await from(chosen(one), `Your file ${one.name}`);
    file.value = "";
  } });
  const sample = document.querySelector(".voice-page-recording audio, .speech-sound audio");
  const own = make("button", { type: "button", click: async () => {
    const answer = fetch(sample.src).then((got) => got.arrayBuffer());
    kernel.prepare("import speechlab.voice");
    await from(answer, `The recording of the page (${sample.getAttribute("aria-label").replace(/\.$/, "")})`);
  } }, "Use the page's recording");

  async function press() {
    if (recording) return recording.stop();
    trouble.textContent = "";
    button.disabled = true;
    try {
      recording = await record();
    } catch (error) {
      return told(error);
    } finally {
      button.disabled = false;
    }
    kernel.prepare("import speechlab.voice"); // while the reader speaks
    document.querySelectorAll("audio").forEach((one) => one.pause());
    button.textContent = "Stop";
    meter.hidden = false;
    const begun = performance.now();
    const tick = setInterval(() => {
      meter.value = recording.level();
      const left = Math.ceil(LONGEST - (performance.now() - begun) / 1000);
      button.textContent = `Stop (${Math.max(0, left)} s left)`;
    }, 100);
    let bytes = null;
    try {
      bytes = await recording.done;
    } catch (error) {
      told(error);
    }
    clearInterval(tick);
    recording = null;
    meter.hidden = true;
    button.textContent = "Record again";
    if (bytes) await from(bytes, "Your own voice");
  }

  page.replaceChildren(
    make("div", { class: "voice-buttons" }, button, meter, make("label", { for: "voice-file" }, "or choose a file", file),
      sample ? own : ""),
    trouble, status, progress);
  place("offline").append(offline.control(BASE));
}

async function begin() {
  const there = lacking() ? { why: lacking() } : await available(BASE);
  if (!there.pyodide) {
    page.replaceChildren(make("p", {}, `${there.why} Recordings can be taken on a copy that has it; the chapters show the same on recordings of theirs.`));
    return;
  }
  desk();
  const parts = Object.entries(there.files).filter(([name]) => !/matplotlib|pillow|fonttools|kiwi|contour/i.test(name));
  const bytes = parts.reduce((sum, [, { bytes: all, packed }]) => sum + (packed ?? all), 0);
  status.textContent = `The first recording makes the page load Python, about ${Math.round(bytes / 1e6)} MB.`;
}

begin().catch((error) => {
  page.replaceChildren(make("p", {}, `This page could not start (${error.message}). Is there a network?`));
});
