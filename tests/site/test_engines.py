"""What other engines than Chromium ask for, played by a Chromium that answers as they do."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

# On an iPhone no page records that says it only plays, and its own voice comes from an oscillator.
SAFARI = """
Object.defineProperty(navigator, "audioSession", { value: { type: "auto" } });
navigator.mediaDevices.getUserMedia = async () => {
  const { type } = navigator.audioSession;
  if (type !== "play-and-record") throw new DOMException(type, "InvalidStateError");
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const tone = context.createOscillator();
  tone.connect(out);
  tone.start();
  return out.stream;
};
"""


@pytest.fixture
def safari(browser, place):
    """A page in which sound and microphone are Safari's."""
    page = browser.new_page()
    page.add_init_script(SAFARI)
    page.goto(f"{place}book/empty.html")
    yield page
    page.close()


def test_who_has_played_may_record_and_then_play_again(safari):
    types, samples = safari.evaluate("""async () => {
      const { Speaker, ownVoice } = await import("../_static/speechlab/instruments/sound.js");
      const types = [];
      const note = () => types.push(navigator.audioSession.type);
      new Speaker().start();
      note();
      const recording = ownVoice(0.3, 8000);
      note();
      const samples = await recording;
      note();
      navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no"); };
      await ownVoice(0.3, 8000).catch(note);
      return [types, samples.length];
    }""")
    assert types == ["playback", "play-and-record", "playback", "playback"]
    assert samples > 0


def test_the_page_of_ones_own_voice_records_as_well(safari):
    level, size, type = safari.evaluate("""async () => {
      const { record } = await import("../_static/speechlab/voice/recorder.js");
      const { Speaker } = await import("../_static/speechlab/instruments/sound.js");
      new Speaker().start();
      const recording = await record();
      let level = 0;
      for (let k = 0; k < 500 && !level; k += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        level = recording.level();
      }
      recording.stop();
      const { byteLength } = await recording.done;
      return [level, byteLength, navigator.audioSession.type];
    }""")
    assert level > 0 and size > 0 and type == "playback"
