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
    emotion,
    enhancement,
    fingerprints,
    formant_synthesiser,
    hifigan,
    hubert,
    key_and_chords,
    separation,
    speakers,
    speech_activity,
    tacotron,
    voice_conversion,
    vqvae,
    waveglow,
    wavenet,
    whisper,
)

MEASURED: dict[str, Callable[[], list[Figure]]] = {
    "celp": celp.figures,
    "connected_digits": connected_digits.figures,
    "diarization": diarization.figures,
    "digit_classifier": digit_classifier.figures,
    "digit_dtw": digit_dtw.figures,
    "digit_hmm": digit_hmm.figures,
    "emotion": emotion.figures,
    "enhancement": enhancement.figures,
    "fingerprints": fingerprints.figures,
    "formant_synthesiser": formant_synthesiser.figures,
    "hifigan": hifigan.figures,
    "hubert": hubert.figures,
    "key_and_chords": key_and_chords.figures,
    "separation": separation.figures,
    "speakers": speakers.figures,
    "speech_activity": speech_activity.figures,
    "tacotron": tacotron.figures,
    "voice_conversion": voice_conversion.figures,
    "vqvae": vqvae.figures,
    "waveglow": waveglow.figures,
    "wavenet": wavenet.figures,
    "whisper": whisper.figures,
}
