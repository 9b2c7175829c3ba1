"""Which systems are measured, and by which function."""

from __future__ import annotations

from collections.abc import Callable

from speechlab.figures import (
    Figure,
    celp,
    connected_digits,
    diarization,
    digit_classifier,
    digit_dtw,
    digit_hmm,
    formant_synthesiser,
    hubert,
    key_and_chords,
    speakers,
    speech_activity,
    voice_conversion,
    vqvae,
    whisper,
)

MEASURED: dict[str, Callable[[], list[Figure]]] = {
    "celp": celp.figures,
    "connected_digits": connected_digits.figures,
    "diarization": diarization.figures,
    "digit_classifier": digit_classifier.figures,
    "digit_dtw": digit_dtw.figures,
    "digit_hmm": digit_hmm.figures,
    "formant_synthesiser": formant_synthesiser.figures,
    "hubert": hubert.figures,
    "key_and_chords": key_and_chords.figures,
    "speakers": speakers.figures,
    "speech_activity": speech_activity.figures,
    "voice_conversion": voice_conversion.figures,
    "vqvae": vqvae.figures,
    "whisper": whisper.figures,
}
