// What an instrument plays: loops that go on at the same position when they are replaced, tones,
// and the reader's own voice.
import { amplitude } from "./signals.js";

const FADE = 0.005; // seconds: nothing begins, ends or changes faster
const LEAD = 0.03; // s: a fade told for this very moment would be heard as a jump
const CEILING = 0.5; // no sample leaves an instrument larger than that

/** The loops and tones of one instrument. Before `start` and without an output it only takes notes. */
export class Speaker {
  constructor(volume = -12) {
    this.volume = volume; // dB
    this.wanted = new Map(); // what sounds by name: how to begin it, and its level in dB
    this.sounding = new Map();
    this.context = null;
    this.stopped = () => {};
    const hush = ({ detail }) => detail !== this && this.stop();
    document.addEventListener("instrument-play", hush);
    document.addEventListener("play", () => this.stop(), true); // an audio element began
  }

  get on() {
    return this.sounding.size > 0;
  }

  /** Begin; false where there is no sound output. */
  start() {
    try {
      this.context ??= this.#open();
      this.context.resume();
    } catch {
      return false;
    }
    document.querySelectorAll("audio").forEach((player) => player.pause());
    document.dispatchEvent(new CustomEvent("instrument-play", { detail: this }));
    this.began = this.context.currentTime;
    for (const name of this.wanted.keys()) this.#begin(name);
    return true;
  }

  stop() {
    if (!this.on) return;
    for (const name of [...this.sounding.keys()]) this.#end(name);
    this.stopped();
  }

  /** From now on `name` repeats these samples, at the position where it is. */
  loop(name, samples, rate, level = 0) {
    const begin = (output, when) => {
      const buffer = this.context.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(Float32Array.from(samples), 0);
      const source = this.context.createBufferSource();
      Object.assign(source, { buffer, loop: true });
      source.connect(output);
      source.start(when, Math.max(0, when - this.began) % buffer.duration);
      return source;
    };
    this.#replace(name, { begin, level });
  }

  /** From now on `name` is a tone whose k-th harmonic is cosines[k] cos + sines[k] sin. */
  tone(name, hertz, cosines, sines, level = 0) {
    const now = this.sounding.get(name);
    const key = [...cosines, ...sines].join();
    if (now?.source.frequency && now.key === key) {
      this.wanted.get(name).hertz = hertz;
      now.source.frequency.setTargetAtTime(hertz, this.context.currentTime, FADE);
      return;
    }
    const begin = (output, when) => {
      const wave = this.context.createPeriodicWave(Float32Array.from(cosines),
        Float32Array.from(sines), { disableNormalization: true });
      const source = this.context.createOscillator();
      source.setPeriodicWave(wave);
      source.frequency.value = this.wanted.get(name).hertz;
      source.connect(output);
      source.start(when);
      return source;
    };
    this.#replace(name, { begin, level, hertz, key });
  }

  /** The level of one of the sounds, in dB over its samples. */
  setLevel(name, level) {
    if (this.wanted.has(name)) this.wanted.get(name).level = level;
    const gain = this.sounding.get(name)?.gain.gain;
    // A sound that is about to begin rises to its old level first.
    gain?.setTargetAtTime(amplitude(level), this.context.currentTime + LEAD + FADE, 3 * FADE);
  }

  setVolume(level) {
    this.volume = level;
    this.master?.gain.setTargetAtTime(amplitude(level), this.context.currentTime, 3 * FADE);
  }

  #open() {
    tell();
    const context = new AudioContext();
    this.master = context.createGain();
    this.master.gain.value = amplitude(this.volume);
    const ceiling = context.createWaveShaper();
    ceiling.curve = Float32Array.from([-2, -1, 0, 1, 2], (x) => x * CEILING / (Math.abs(x) || 1));
    this.master.connect(ceiling).connect(context.destination);
    return context;
  }

  #replace(name, what) {
    this.wanted.set(name, what);
    if (this.on) this.#begin(name);
  }

  #begin(name) {
    const { begin, level, key } = this.wanted.get(name);
    const when = this.context.currentTime + LEAD;
    this.#end(name, when);
    const gain = this.context.createGain();
    gain.gain.value = 0; // also for the sample in which `when` lies
    gain.gain.setValueAtTime(0, when);
    gain.gain.linearRampToValueAtTime(amplitude(level), when + FADE);
    gain.connect(this.master);
    this.sounding.set(name, { source: begin(gain, when), gain, key });
  }

  #end(name, when = this.context.currentTime + LEAD) {
    const now = this.sounding.get(name);
    this.sounding.delete(name);
    if (!now) return;
    // A sound that was asked for a moment ago, and would still be rising then, stays silent.
    now.gain.gain.cancelScheduledValues(when);
    now.gain.gain.setTargetAtTime(0, when, FADE / 3);
    now.source.stop(when + 4 * FADE);
    now.source.onended = () => now.gain.disconnect();
  }
}

/** The samples and the rate of a WAV file of 16 bits and one channel, at an address of this site. */
export async function recording({ wav }) {
  const inside = wav.startsWith("data:") && atob(wav.slice(wav.indexOf(",") + 1));
  const bytes = inside
    ? Uint8Array.from(inside, (letter) => letter.charCodeAt(0)).buffer
    : await (await fetched(wav)).arrayBuffer();
  const view = new DataView(bytes);
  const rate = view.getUint32(24, true);
  let place = 12; // over the chunks, up to the one that holds the samples
  while (view.getUint32(place) !== 0x64617461) place += 8 + view.getUint32(place + 4, true);
  const length = view.getUint32(place + 4, true) / 2;
  const at = (n) => view.getInt16(place + 8 + 2 * n, true) / 32768;
  return { samples: Float64Array.from({ length }, (_, n) => at(n)), rate };
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return answer;
}

let listening = 0; // microphones that are open

// What Safari is told of the page's sound. What is said to be playback is heard from a phone that is
// switched to silent, too; but while a page says so, Safari refuses it the microphone.
function tell() {
  if (navigator.audioSession) navigator.audioSession.type = listening ? "play-and-record" : "playback";
}

/** The microphone, without what a browser does to make telephone calls clearer: its stream, and a
 * function that closes it. */
export async function untouched() {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  listening += 1;
  tell();
  const end = () => {
    listening -= 1;
    tell();
  };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const close = () => {
      stream.getTracks().forEach((track) => track.stop());
      end();
    };
    return { stream, close };
  } catch (error) {
    end();
    throw error;
  }
}

/** The microphone as it is now: `last(n)` are its last n samples of at most 4096. */
export async function microphone() {
  const { stream, close } = await untouched();
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    rate: context.sampleRate,
    last(length) {
      analyser.getFloatTimeDomainData(samples);
      return Float64Array.from(samples.subarray(samples.length - length));
    },
    stop() {
      close();
      context.close();
    },
  };
}

/** So many seconds from the microphone, at this rate. They stay in this page. */
export async function ownVoice(seconds, rate) {
  const { stream, close } = await untouched();
  try {
    const recorder = new MediaRecorder(stream);
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const done = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start();
    setTimeout(() => recorder.stop(), 1000 * seconds);
    await done;
    const bytes = await new Blob(parts).arrayBuffer();
    const buffer = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
    return Float64Array.from(buffer.getChannelData(0));
  } finally {
    close();
  }
}
