"""A page of the browser that moves and fades no more."""

from __future__ import annotations

import time


def until(page, holds, seconds: float = 300) -> None:
    """Wait until something holds that is seen from outside the page, which goes on meanwhile."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        page.wait_for_timeout(50)


def steady_box(locator) -> dict[str, float]:
    """Where an element lies in the window, once nothing above it has moved it for a while.

    Instruments start one after another, and each that starts may push what is below it down.
    """
    locator.scroll_into_view_if_needed()
    return locator.evaluate("""async element => {
      const where = () => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      };
      let last = where();
      for (let frames = 0, since = performance.now();
           frames < 10 || performance.now() - since < 300; frames += 1) {
        await new Promise(resolve => requestAnimationFrame(resolve));
        const next = where();
        if (JSON.stringify(next) !== JSON.stringify(last)) {
          frames = 0;
          since = performance.now();
        }
        last = next;
      }
      return last;
    }""")


def wear(page, theme: str) -> None:
    """Put a page into a theme, and wait until its colours have faded from one to the other."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate("""async () => {
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const fading = () => document.getAnimations().filter(
        a => a.effect.getComputedTiming().endTime < Infinity && a.playState === 'running');
      await frame();
      await frame();
      while (fading().length) await frame();
    }""")
