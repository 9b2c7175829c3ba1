"""Speech as signals: synthesis, spectral frequencies, and moving the formants of a recording."""
