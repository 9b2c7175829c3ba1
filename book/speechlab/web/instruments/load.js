// Starts the instruments of a page, each when it comes near.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      near.unobserve(target);
      start(target);
    }
  }
}, { rootMargin: "600px" });

async function start(figure) {
  const data = JSON.parse(figure.querySelector("script").textContent);
  const el = figure.querySelector(".instrument-live");
  const model = { get: (key) => (key === "data" ? data : undefined) };
  try {
    const { default: instrument } = await import(`./${figure.dataset.instrument}.js`);
    await instrument.render({ model, el });
    figure.querySelector(".instrument-still").hidden = true;
  } catch (error) {
    el.replaceChildren("This instrument could not be started; the picture shows its beginning.");
    throw error;
  }
}

document.querySelectorAll("figure[data-instrument]").forEach((figure) => near.observe(figure));
