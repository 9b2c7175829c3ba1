"""From text to assignment: authoring, export, the search for leaks, coverage of the problems."""
