"""The one room that knows paths: folders, configuration, limits, topics, files written whole."""
