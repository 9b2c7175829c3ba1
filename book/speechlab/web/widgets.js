// Runs after RequireJS and before the widget manager, on pages with controls.
(() => {
  const script = document.currentScript;
  const vendor = new URL("../vendor/", script.src).href;

  // A module that the site lacks is looked for (in vain) in the site, never on a CDN.
  script.setAttribute("data-jupyter-widgets-cdn", `${vendor}absent/`);

  // The manager defines these modules itself; the paths tell it where its fonts are.
  const here = `${vendor}widgets/embed-amd`;
  window.requirejs.config({
    paths: {
      "@jupyter-widgets/base": here,
      "@jupyter-widgets/controls": here,
      "@jupyter-widgets/html-manager": here,
      "@jupyter-widgets/html-manager/dist/libembed-amd": here,
    },
  });

  // Font Awesome's observer and ipywidgets' buttons trip over each other otherwise.
  window.FontAwesomeConfig = { observeMutations: false };

  // ipywidgets asks for formulas the way MathJax 2 was asked. This listener is registered before
  // the manager's own, so it has run when the first widget is drawn.
  window.addEventListener("load", () => {
    if (!window.MathJax || window.MathJax.Hub) return;
    window.MathJax.Hub = {
      Queue([, , element]) {
        const { startup } = window.MathJax;
        startup.promise = startup.promise.then(() => window.MathJax.typesetPromise([element]));
      },
    };
  });

  // Screen readers hear a slider's name and what it reads, instead of nothing and its position.
  function nameSlider(handle) {
    const widget = handle.closest(".widget-slider");
    const label = widget?.querySelector(".widget-label");
    const readout = widget?.querySelector(".widget-readout");
    if (!label || handle.hasAttribute("aria-label")) return;
    const name = label.textContent.replace(/\\[()]/g, "").trim();
    handle.setAttribute("aria-label", name || "Control");
    if (!readout) return;
    readout.removeAttribute("contenteditable"); // it takes no typing, so it is no stop for Tab
    const speak = () => {
      const text = readout.textContent.trim();
      if (handle.getAttribute("aria-valuetext") !== text) {
        handle.setAttribute("aria-valuetext", text);
      }
    };
    speak();
    new MutationObserver(speak).observe(readout, { childList: true, characterData: true, subtree: true });
    new MutationObserver(speak).observe(handle, { attributeFilter: ["aria-valuetext"] });
  }

  // A sound that plays when a control moves goes on with the new one, so that they can be compared.
  let playing = null;
  document.addEventListener("play", (event) => { playing = event.target; }, true);
  document.addEventListener("ended", (event) => {
    if (playing === event.target) playing = null;
  }, true);
  // A player that is taken off the page pauses too; only one that is still there was stopped.
  document.addEventListener("pause", (event) => {
    if (playing === event.target && event.target.isConnected) playing = null;
  }, true);

  function follow(added) {
    if (!playing || playing.isConnected) return;
    const next = added.find((player) => player.closest(".speech-explore"));
    if (!next) return;
    playing = null;
    next.play().catch(() => {});
  }

  new MutationObserver((changes) => {
    const players = [];
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        node.querySelectorAll(".noUi-handle").forEach(nameSlider);
        players.push(...node.querySelectorAll(".speech-sound audio"));
      }
    }
    if (players.length) follow(players);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
