"""What several systems use: layers, spectrograms, decoding, bit streams."""
