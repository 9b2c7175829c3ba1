"""What the chapters and the reader's own experiments use: speech, sound, figures, controls.

`from speechlab import sound, picture, explore, spectrogram, waveform` is the display half;
`from speechlab import corpora, synth` the speech.
"""

from speechlab.display import Picture, Sound, picture, sound
from speechlab.explore import explore
from speechlab.plotting import spectrogram, waveform

__all__ = ["Picture", "Sound", "explore", "picture", "sound", "spectrogram", "waveform"]
