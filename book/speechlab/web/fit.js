// Formulas on lines of their own that are wider than the page: broken where equations part, then
// at relations and signs of sums, and made smaller, so that nothing has to be pushed aside. Those in
// a sentence that are wider than its lines are made smaller.
(() => {
  const SMALLEST = 0.64; // of the size of other formulas: indices are then 9 px high
  const shown = new WeakMap(); // formula: the width for which it was laid out

  const spaces = (piece) => {
    const space = piece.matches("mjx-mstyle, mjx-mspace")
      && (piece.querySelector("mjx-mspace") || piece.matches("mjx-mspace"));
    return space && piece.offsetWidth > 0.9 * parseFloat(getComputedStyle(piece).fontSize);
  };
  // 1 for an opening bracket, -1 for a closing one, also one that has an exponent.
  const brackets = (piece) => {
    const base = piece.matches("mjx-msup, mjx-msub, mjx-msubsup") ? piece.querySelector("mjx-mo") : piece;
    if (!base?.matches("mjx-mo, mjx-texatom")) return 0;
    const sign = base.querySelector("mjx-c")?.className ?? "";
    return /mjx-c(28|5B|7B)\b/.test(sign) ? 1 : /mjx-c(29|5D|7D)\b/.test(sign) ? -1 : 0;
  };

  // Relations and the signs of sums, but no sign that follows one of them or a bracket.
  const operates = (piece, last) =>
    piece.matches("mjx-mo[space='3'], mjx-mo[space='4']")
    && !brackets(piece) && !(last?.matches("mjx-mo[space]") || brackets(last) > 0);

  // The pieces before which a line begins. Lines are at most as wide as the room is when formulas
  // are a fifth smaller; only a line that is too wide at the smallest is broken within brackets.
  const beginnings = (pieces, room) => {
    const begin = new Map();
    let [start, depth, last, chances] = [null, 0, null, []];
    for (const piece of pieces) {
      const { left, right } = piece.getBoundingClientRect();
      if (spaces(piece)) {
        depth = 0;
        if (last?.matches("mjx-mo") && start === last.getBoundingClientRect().left) continue;
        begin.set(piece, "apart");
        [start, last, chances] = [null, null, []];
        continue;
      }
      start ??= left;
      depth += Math.min(brackets(piece), 0);
      if (last && operates(piece, last)) chances.push({ piece, left, depth });
      while (chances.length) {
        const outermost = Math.min(...chances.map((chance) => chance.depth));
        if (right - start <= room / (outermost > 0 ? SMALLEST : 0.8)) break;
        const chosen = chances.findLastIndex((chance) => chance.depth === outermost);
        begin.set(chances[chosen].piece, "goes-on");
        start = chances[chosen].left - 30;
        chances = chances.slice(chosen + 1);
      }
      depth += Math.max(brackets(piece), 0);
      last = piece;
    }
    return begin;
  };

  const undo = (formula) => {
    formula.querySelectorAll("mjx-break").forEach((mark) => mark.remove());
    formula.querySelectorAll("[data-apart]").forEach((space) => delete space.dataset.apart);
    formula.style.removeProperty("--fit");
  };

  const wide = (formula) => formula.scrollWidth > formula.clientWidth + 1;

  const fit = (formula) => {
    const room = formula.clientWidth;
    if (!room || shown.get(formula) === room) return;
    shown.set(formula, room);
    undo(formula);
    if (!wide(formula)) return;
    const math = formula.querySelector("mjx-math");
    let pieces = [...math.children];
    while (pieces.length === 1 && pieces[0].matches("mjx-mrow, mjx-texatom, mjx-mstyle")) {
      pieces = [...pieces[0].children];
    }
    for (const [piece, kind] of beginnings(pieces, room)) {
      const mark = document.createElement("mjx-break");
      mark.className = kind;
      piece.before(mark);
      if (kind === "apart") piece.dataset.apart = "";
    }
    if (wide(formula)) {
      const scale = Math.max(SMALLEST, (0.985 * room) / formula.scrollWidth);
      formula.style.setProperty("--fit", scale.toFixed(3));
    }
    if (wide(formula)) formula.tabIndex = 0; // pushed aside by keyboard, too
  };

  const fitInline = (formula) => {
    const block = formula.closest("p, li, dd, figcaption");
    const style = block && getComputedStyle(block);
    const room = block
      && block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (!room || shown.get(formula) === room) return;
    shown.set(formula, room);
    undo(formula);
    const { width } = formula.getBoundingClientRect();
    const free = room - (formula.closest(".speech-unbroken") ? 8 : 0); // the comma has its place
    if (width > free) {
      formula.style.setProperty("--fit", Math.max(SMALLEST, (0.985 * free) / width).toFixed(3));
    }
  };

  const all = () => {
    document.querySelectorAll("mjx-container[display]").forEach(fit);
    document.querySelectorAll(".math > mjx-container:not([display])").forEach(fitInline);
  };
  window.addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    all();
    window.addEventListener("resize", all);
    document.addEventListener("toggle", all, true); // what was folded has had no width
  });
})();
