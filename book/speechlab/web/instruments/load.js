// Starts the instruments of a page, each when it comes near.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      near.unobserve(target);
      start(target);
    }
  }
}, { rootMargin: "600px" });

// What an instrument is given; what is long lies in a file of its own.
async function given({ textContent, dataset: { rest } }) {
  const data = JSON.parse(textContent);
  if (!rest) return data;
  const answer = await fetch(rest);
  if (!answer.ok) throw new Error(`${rest}: ${answer.status}`);
  return { ...data, ...await answer.json() };
}

async function start(figure) {
  const el = figure.querySelector(".instrument-live");
  try {
    const [data, { default: instrument }] = await Promise.all([
      given(figure.querySelector("script")), import(`./${figure.dataset.instrument}.js`),
    ]);
    const model = { get: (key) => (key === "data" ? data : undefined) };
    await instrument.render({ model, el });
    figure.querySelector(".instrument-still").hidden = true;
  } catch (error) {
    el.replaceChildren("This instrument could not be started; the picture shows its beginning.");
    throw error;
  }
}

document.querySelectorAll("figure[data-instrument]").forEach((figure) => near.observe(figure));
