// Runs on every page.
(() => {
  const each = (selector, mend) => document.querySelectorAll(selector).forEach(mend);

  // What the theme and its extensions tell screen readers, mended.
  // The book's name stands outside the landmarks that one jumps between.
  each(".navbar-brand", (link) => {
    link.parentElement.setAttribute("role", "navigation");
    link.parentElement.setAttribute("aria-label", "Title page");
  });
  // A label that leaves out what the button shows: saying what one sees does not find it.
  each(".search-button-field, summary", (button) => button.removeAttribute("aria-label"));
  each(".theme-switch", (icon) => {
    icon.removeAttribute("title");
    icon.setAttribute("aria-hidden", "true");
  });
  // Lists of references whose entries have a role that is no list item's.
  each('[role="doc-biblioentry"]', (entry) => entry.setAttribute("role", "listitem"));

  // No line begins with the comma that follows a formula.
  each(".bd-article span.math", (math) => {
    const next = math.nextSibling;
    const [marks] = (next?.nodeType === Node.TEXT_NODE && /^[.,;:!?)’”]+/.exec(next.data)) || [];
    if (!marks) return;
    const whole = document.createElement("span");
    whole.className = "speech-unbroken";
    math.before(whole);
    whole.append(math, marks);
    next.data = next.data.slice(marks.length);
  });

  // Paper is light.
  const root = document.documentElement.dataset;
  window.addEventListener("beforeprint", () => {
    root.shown = root.theme;
    root.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    root.theme = root.shown;
  });

  // On paper all replies are there, also where style cannot open them. Of one name one is open.
  window.addEventListener("beforeprint", () => each(".speech-answer", (answer) => {
    answer.dataset.name = answer.getAttribute("name");
    answer.dataset.was = answer.open ? "open" : "";
    answer.removeAttribute("name");
    answer.open = true;
  }));
  window.addEventListener("afterprint", () => each(".speech-answer", (answer) => {
    answer.open = answer.dataset.was === "open";
    answer.setAttribute("name", answer.dataset.name);
  }));

  // A line that follows a sound through its figure, and the words that it has reached.
  each(".speech-follow", (box) => {
    const player = box.querySelector("audio");
    const figure = box.querySelector(".speech-picture");
    const line = document.createElement("span");
    line.className = "speech-line";
    const size = () => {
      line.style.height = `${figure.querySelector("img").height}px`;
    };
    size();
    window.addEventListener("resize", size);
    figure.append(line);
    const words = [...box.querySelectorAll("[data-at]")];
    const move = () => {
      box.classList.toggle("begun", player.currentTime > 0);
      line.style.setProperty("--at", player.currentTime / Number(player.dataset.seconds));
      words.forEach((word) => {
        word.classList.toggle("reached", Number(word.dataset.at) <= player.currentTime);
      });
      if (!player.paused) requestAnimationFrame(move);
    };
    for (const event of ["play", "seeked", "ended"]) player.addEventListener(event, move);
  });

  // One player at a time.
  document.addEventListener("play", ({ target }) => {
    each("audio", (player) => {
      if (player !== target) player.pause();
    });
  }, true);
  document.addEventListener("speech-play", () => each("audio", (player) => player.pause()));
})();
