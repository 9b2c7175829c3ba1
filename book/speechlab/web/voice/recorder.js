/* The reader's voice: from the microphone or a file to one channel of at most ten seconds at 8 kHz.

   What goes wrong is thrown as a `Trouble`, whose message is a sentence for the reader. */

import { untouched } from "../instruments/sound.js";

export const RATE = 8000;
export const LONGEST = 10; // seconds
const LARGEST = 300e6; // bytes of a file that is decoded whole

export class Trouble extends Error {}

const REFUSED = {
  NotAllowedError:
    "The microphone was refused. The browser's settings for this page can allow it again; " +
    "a file or the page's recording will do as well.",
  NotFoundError: "There is no microphone here. A file or the page's recording will do as well.",
  NotReadableError: "The microphone is used by another program, or is out of order.",
};
const NONE =
  "This browser lets no page record here (it has to come over https, or from this machine). " +
  "A file or the page's recording will do as well.";

/** A recording that runs: `stop()` ends it, `done` gives its bytes, `level()` its peak just now. */
export async function record() {
  if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder !== "function") {
    throw new Trouble(NONE);
  }
  let microphone;
  try {
    microphone = await untouched();
  } catch (error) {
    throw new Trouble(REFUSED[error.name] ?? `The microphone cannot be used: ${error.message}.`);
  }
  const { stream, close } = microphone;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const now = new Float32Array(analyser.fftSize);
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const done = new Promise((resolve, reject) => {
    recorder.onstop = () => resolve(new Blob(parts).arrayBuffer());
    recorder.onerror = () => reject(new Trouble("The recording broke off. Try again."));
  }).finally(() => {
    clearTimeout(end);
    close();
    context.close();
  });
  const stop = () => recorder.state === "recording" && recorder.stop();
  stream.getAudioTracks()[0].onended = stop; // the microphone was pulled out
  recorder.start();
  const end = setTimeout(stop, 1000 * LONGEST);
  return {
    stop,
    done,
    level() {
      analyser.getFloatTimeDomainData(now);
      return now.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    },
  };
}

/** One channel at 8 kHz of the bytes of a sound file, and how many seconds were left out. */
export async function decoded(bytes) {
  let buffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  } catch {
    throw new Trouble("This is no sound that the browser can read (WAV, MP3, FLAC, Ogg or MP4).");
  }
  const length = Math.min(buffer.length, LONGEST * RATE);
  const samples = new Float64Array(length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const part = buffer.getChannelData(channel);
    for (let n = 0; n < length; n += 1) samples[n] += part[n] / buffer.numberOfChannels;
  }
  return { samples, beyond: Math.max(0, buffer.duration - LONGEST) };
}

/** The bytes of a file that the reader chose. */
export async function chosen(file) {
  if (file.size === 0) throw new Trouble("This file is empty.");
  if (file.size > LARGEST) {
    throw new Trouble(`This file has ${Math.round(file.size / 1e6)} MB: choose one below 300 MB.`);
  }
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Trouble("The browser could not read this file.");
  }
}

/** Samples as a WAV file of 16 bits, scaled down where they exceed 1. */
export function wav(samples) {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((c, k) => view.setUint8(at + k, c.charCodeAt(0)));
  text(0, "RIFF");
  text(8, "WAVEfmt ");
  text(36, "data");
  const fields = [[4, 36 + 2 * samples.length], [16, 16], [24, RATE], [28, 2 * RATE],
    [40, 2 * samples.length]];
  fields.forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  samples.forEach((sample, n) => view.setInt16(44 + 2 * n, (32767 * sample) / peak, true));
  return new Blob([view], { type: "audio/wav" });
}
