// The controls of a built page: they choose among settings that lie in the page as templates. Figures
// and sounds load when a reader comes to a control; a sound that plays goes on where it was.
(() => {
  const FADE = 0.005; // s
  const LEAD = 0.03; // s, by which a fade is told in advance
  const ROOM = 6; // dB that a control may rise by before the volume is set
  const KEPT = 48; // sounds held in memory
  const VOLUME = "speechlab-volume";
  const sounds = new Map(); // address -> promise of its bytes or samples
  let context = null;
  let sounding = null; // the player that plays

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // Other words in an element of words alone. Their node stays: one that is put into a page lets the
  // browser style anew all that a rule with :has may hold for, which takes longer than a frame.
  function write(element, words) {
    if (!element.firstChild) element.append(words);
    else if (element.firstChild.data !== words) element.firstChild.data = words;
  }

  // Figures of the theme: each names the one for a dark page beside the other. That one has no ground
  // of its own, so where the reader's system chooses the colours it is the light one that is seen.
  const forced = matchMedia("(forced-colors: active)");
  function themed(part) {
    const dark = document.documentElement.dataset.theme === "dark" && !forced.matches;
    for (const image of part.querySelectorAll("img[data-dark]")) {
      image.dataset.light ??= image.getAttribute("src");
      const wanted = dark ? image.dataset.dark : image.dataset.light;
      if (image.getAttribute("src") !== wanted) image.setAttribute("src", wanted);
    }
  }
  themed(document);
  new MutationObserver(() => themed(document))
    .observe(document.documentElement, { attributeFilter: ["data-theme"] });
  forced.addEventListener("change", () => themed(document));

  function output() {
    if (!context) {
      if (navigator.audioSession) navigator.audioSession.type = "playback";
      context = new AudioContext();
    }
    if (context.state !== "running") context.resume();
    return context;
  }

  // When a fade is to begin. What is told for this very moment reaches the thread that makes the
  // samples after it, which then jumps to where the fade should be: a click.
  function soon() {
    return context.currentTime + LEAD;
  }

  function fetched(address) {
    if (!sounds.has(address)) {
      const bytes = fetch(address).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.status}: ${address}`);
        return answer.arrayBuffer();
      });
      sounds.set(address, bytes);
      bytes.catch(() => sounds.delete(address));
      if (sounds.size > KEPT) sounds.delete(sounds.keys().next().value);
    }
    return sounds.get(address);
  }

  async function decoded(address) {
    const found = await fetched(address);
    if (found instanceof AudioBuffer) return found;
    const samples = await output().decodeAudioData(found.slice(0));
    sounds.set(address, Promise.resolve(samples));
    return samples;
  }

  // What may be wanted next is loaded one setting after the other, so that on a slow line the first is
  // there soon; what an earlier call asked for and did not get yet is dropped.
  let waiting = [];
  let loading = false;

  async function ahead(tasks) {
    waiting = tasks;
    if (loading) return;
    loading = true;
    while (waiting.length) await waiting.shift()().catch(() => {});
    loading = false;
  }

  const isSet = () => sessionStorage.getItem(VOLUME) === "set";

  // One sound of a control. It takes the place of the browser's own player, which cannot change
  // its sound without a gap.
  class Player {
    constructor(figure, box) {
      this.box = box;
      this.figure = figure;
      this.at = 0; // s, where it stands when it does not play
      this.turn = 0; // counts what was asked for, so that a late answer is dropped
      this.button = make("button", { type: "button", class: "speech-play" });
      this.place = make("input", {
        type: "range", min: 0, max: 1, step: 0.01, value: 0, "aria-label": "Position in the sound",
      });
      this.time = make("span", { class: "speech-time", "aria-hidden": "true" });
      this.again = make("input", { type: "checkbox" });
      this.face = make("div", { class: "speech-player", role: "group" }, this.button, this.place,
        this.time, make("label", {}, this.again, " Loop"));
      figure.querySelector("audio").replaceWith(this.face);
      this.button.addEventListener("click", () => (this.wanted ? this.stop() : this.start(this.at)));
      this.place.addEventListener("input", () => this.move(Number(this.place.value)));
      this.again.addEventListener("change", () => {
        if (this.source) this.source.loop = this.again.checked;
      });
      this.show();
    }

    // What the player is to play: an `audio` element out of a template.
    take(audio) {
      const place = this.position();
      this.address = audio.getAttribute("src");
      this.seconds = Number(audio.dataset.seconds);
      this.level = Number(audio.dataset.level);
      this.name = audio.getAttribute("aria-label");
      this.face.setAttribute("aria-label", this.name);
      this.place.max = this.seconds;
      if (this.wanted) this.start(place);
      else this.at = Math.min(place, this.seconds);
      this.show();
    }

    get wanted() {
      return sounding === this;
    }

    position() {
      if (!this.source) return this.at;
      const place = Math.max(0, context.currentTime - this.begun);
      return this.source.loop ? place % this.source.buffer.duration : place;
    }

    loudness() {
      if (!("loud" in this.box.dataset) || isSet()) return 1;
      return Math.min(1, 10 ** ((Number(this.box.dataset.most) - this.level) / 20));
    }

    async start(place) {
      if (sounding && sounding !== this) sounding.stop();
      sounding = this;
      // Instruments stop, too.
      document.dispatchEvent(new CustomEvent("instrument-play", { detail: this }));
      const turn = ++this.turn;
      const asked = output().currentTime;
      const ran = Boolean(this.source);
      this.show();
      let buffer;
      try {
        buffer = await decoded(this.address);
      } catch (error) {
        console.error(error);
        if (turn === this.turn) this.stop();
        return;
      }
      if (turn !== this.turn) return;
      const now = soon();
      // The old sound goes on while the new one is made ready.
      if (ran) place += now - asked;
      if (place >= buffer.duration) place = this.again.checked ? place % buffer.duration : 0;
      this.fade();
      const source = new AudioBufferSourceNode(context, { buffer, loop: this.again.checked });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, now);
      gain.gain.linearRampToValueAtTime(this.loudness(), now + FADE);
      source.connect(gain).connect(context.destination);
      source.start(now, place);
      source.onended = () => {
        if (this.source !== source) return;
        this.source = null;
        this.at = 0;
        this.stop();
      };
      Object.assign(this, { source, gain, begun: now - place });
      document.dispatchEvent(new CustomEvent("speech-play"));
      this.follow();
    }

    // Let what plays fade out.
    fade() {
      if (!this.source) return;
      const { source, gain } = this;
      const now = soon();
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(gain.gain.value, now);
      gain.gain.linearRampToValueAtTime(0, now + FADE);
      source.stop(now + FADE);
      this.source = null;
    }

    stop() {
      this.turn += 1;
      if (this.source) this.at = this.position();
      this.fade();
      if (sounding === this) sounding = null;
      this.show();
    }

    move(place) {
      this.at = place;
      if (this.wanted) {
        if (this.source) this.fade();
        this.start(place);
      }
      this.show();
    }

    follow() {
      this.show();
      if (this.source) requestAnimationFrame(() => this.follow());
    }

    show() {
      const at = Math.min(this.position(), this.seconds || 0);
      write(this.button, this.wanted ? "Pause" : "Play");
      this.button.classList.toggle("playing", this.wanted);
      this.place.value = at;
      this.place.setAttribute("aria-valuetext", `${at.toFixed(1)} of ${(this.seconds || 0).toFixed(1)} seconds`);
      write(this.time, `${at.toFixed(1)} / ${(this.seconds || 0).toFixed(1)} s`);
    }
  }

  class Control {
    constructor(box) {
      this.box = box;
      this.panel = box.querySelector(".speech-panel");
      this.inputs = [...box.querySelectorAll(".speech-control")].map((control) => ({
        control,
        count: control.querySelectorAll("[type=radio], option").length
          || Number(control.querySelector("[type=range]").max) + 1,
      }));
      this.now = Number(box.dataset.start);
      this.settings = new Map([[this.now, this.panel.cloneNode(true)]]);
      this.players = [];
      this.warm = false;
      if ("loud" in box.dataset) this.calibrate();
      this.adopt();
      for (const input of box.querySelectorAll("input, select")) {
        if (input.closest(".speech-control")) input.disabled = false;
      }
      box.querySelector(".speech-controls").addEventListener("input", () => this.choose());
      // Coming near is asking: what the neighbours show is loaded before it is needed.
      for (const event of ["pointerenter", "focusin", "touchstart"]) {
        box.addEventListener(event, () => this.approach(), { passive: true });
      }
    }

    places() {
      return this.inputs.map(({ control }) => {
        const chosen = control.querySelector("[type=range], select, :checked");
        return Number(chosen.value);
      });
    }

    index(places) {
      return places.reduce((index, place, n) => index * this.inputs[n].count + place, 0);
    }

    setting(index) {
      if (!this.settings.has(index)) {
        const template = this.box.querySelector(`:scope > template[data-setting="${index}"]`);
        this.settings.set(index, template.content);
      }
      return this.settings.get(index);
    }

    choose() {
      for (const { control } of this.inputs) {
        const range = control.querySelector("[type=range]");
        if (!range) continue;
        const text = JSON.parse(range.dataset.texts)[range.value];
        range.setAttribute("aria-valuetext", text);
        write(control.querySelector("output"), text);
      }
      this.now = this.index(this.places());
      this.box.dataset.setting = this.now;
      this.bring(this.setting(this.now));
      this.warm = true;
      this.preload();
    }

    // Put a setting into the panel: into what is there if it has the same parts, so that nothing
    // jumps and players stay.
    bring(setting) {
      themed(setting);
      const there = [...this.panel.children];
      const next = [...setting.children];
      const same = there.length === next.length
        && there.every((part, n) => part.className === next[n].className);
      if (same) there.forEach((part, n) => this.renew(part, next[n]));
      else {
        this.players.forEach((player) => player.stop());
        this.panel.replaceChildren(...next.map((part) => part.cloneNode(true)));
        this.adopt();
      }
      if (this.panel.textContent.includes("\\(")) window.MathJax?.typesetPromise?.([this.panel]);
    }

    renew(part, next) {
      const player = this.players.find(({ figure }) => figure === part);
      if (player) player.take(next.querySelector("audio"));
      const [image, coming] = [part.querySelector("img"), next.querySelector("img")];
      if (image) {
        for (const { name, value } of coming.attributes) {
          if (name !== "loading") image.setAttribute(name, value);
        }
      }
      const [words, others] = [part, next].map((side) => (
        side.matches("p") ? side : side.querySelector("figcaption")));
      if (words && others) words.replaceChildren(...others.cloneNode(true).childNodes);
      else if (others) part.append(others.cloneNode(true));
      else words?.remove();
    }

    adopt() {
      this.players = [...this.panel.querySelectorAll(".speech-sound")].map((figure) => {
        const audio = figure.querySelector("audio");
        const player = new Player(figure, this.box);
        player.take(audio);
        return player;
      });
    }

    approach() {
      if (this.warm) return;
      this.warm = true;
      this.preload();
    }

    // The nearest first, and of the control in hand: one further, one back, others.
    preload() {
      const places = this.places();
      const order = [...this.inputs.keys()];
      const held = this.inputs.findIndex(({ control }) => control.contains(document.activeElement));
      if (held > 0) order.unshift(...order.splice(held, 1));
      const near = [places];
      for (const n of order) {
        const { count, control } = this.inputs[n];
        const scale = control.querySelector("[type=range]");
        // From the last button of a row the arrow key goes to the first one.
        const beside = (d) => (places[n] + (d % 2 ? (d + 1) / 2 : count - d / 2)) % count;
        const others = scale ? [places[n] + 1, places[n] - 1]
          : [...Array(Math.min(count, 7)).keys()].slice(1).map(beside);
        for (const place of others) {
          if (place >= 0 && place < count && place !== places[n]) near.push(places.with(n, place));
        }
      }
      const settings = near.map((around) => this.setting(this.index(around)));
      settings.forEach(themed);
      const seen = (setting) => () => Promise.all([...setting.querySelectorAll("img")].map((image) => {
        const coming = new Image();
        coming.src = image.getAttribute("src");
        return coming.decode();
      }));
      const heard = (setting) => () => Promise.all([...setting.querySelectorAll("audio")].map((audio) => (
        (context ? decoded : fetched)(audio.getAttribute("src")))));
      // The figures of one step are small and seen at once; a sound may have many times their bytes.
      const [here, ...others] = settings;
      const [step, further] = [others.slice(0, 2), others.slice(2)];
      ahead([...step.map(seen), heard(here), ...step.map(heard),
        ...further.flatMap((setting) => [seen(setting), heard(setting)])]);
    }

    // Where loudness is the subject, the reader sets the volume first. Until then nothing is more
    // than 6 dB louder than the setting that the control opens at.
    calibrate() {
      const first = this.panel.querySelector("audio");
      this.box.dataset.most = Number(first?.dataset.level ?? 0) + ROOM;
      const tone = make("button", { type: "button" }, "Play the tone");
      const done = make("button", { type: "button" }, "My volume is set");
      const note = make("div", { class: "speech-volume" }, make("p", {},
        "Levels matter here, so set your volume first: this tone of 1 kHz should be clear but not "
        + "loud. Until you have set it, loud settings are played softer than they are."), tone, done);
      let off = null;
      tone.addEventListener("click", () => {
        off ? off() : (off = hum(() => { off = null; tone.textContent = "Play the tone"; }));
        tone.textContent = off ? "Stop the tone" : "Play the tone";
      });
      done.addEventListener("click", () => {
        off?.();
        sessionStorage.setItem(VOLUME, "set");
        document.dispatchEvent(new CustomEvent("speech-volume"));
        this.box.querySelector(".speech-control :is(input, select)").focus();
      });
      document.addEventListener("speech-volume", () => {
        note.remove();
        const playing = this.players.find(({ source }) => source);
        if (!playing) return;
        const { gain } = playing.gain;
        const now = soon();
        gain.cancelScheduledValues(now);
        gain.setValueAtTime(gain.value, now);
        gain.linearRampToValueAtTime(1, now + 0.3);
      });
      if (!isSet()) this.box.prepend(note);
    }
  }

  // A tone of 1 kHz at -30 dB for up to 4 s; gives a function that ends it.
  function hum(ended) {
    sounding?.stop();
    const tone = new OscillatorNode(output(), { frequency: 1000 });
    const gain = new GainNode(context, { gain: 0 });
    const now = soon();
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(10 ** (-30 / 20), now + 0.05);
    tone.connect(gain).connect(context.destination);
    tone.onended = ended;
    tone.start(now);
    const stop = (when) => {
      gain.gain.cancelScheduledValues(when);
      gain.gain.setValueAtTime(10 ** (-30 / 20), when);
      gain.gain.linearRampToValueAtTime(0, when + 0.05);
      tone.stop(when + 0.05);
    };
    stop(now + 4);
    return () => stop(soon());
  }

  // One sound at a time: the browser's own players, instruments and ours.
  document.addEventListener("play", () => sounding?.stop(), true);
  document.addEventListener("instrument-play", ({ detail }) => {
    if (detail !== sounding) sounding?.stop();
  });

  const begin = () => {
    for (const box of document.querySelectorAll(".speech-explore")) {
      if (box.querySelector(":scope > .speech-controls")) new Control(box);
    }
    performance.mark("speech-controls");
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
