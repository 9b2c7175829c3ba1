// Runs on every page.
(() => {
  // One player at a time.
  document.addEventListener("play", ({ target }) => {
    for (const player of document.querySelectorAll("audio")) {
      if (player !== target) player.pause();
    }
  }, true);
})();
