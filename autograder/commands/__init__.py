"""What a person types: the command line, the doctor, the demo class."""
