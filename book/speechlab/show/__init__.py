"""What a chapter shows: figures, sounds, and controls that respond."""
