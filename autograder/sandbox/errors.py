"""What stops grading: no sandbox."""


class SandboxUnavailable(RuntimeError):
    """The sandbox cannot be set up here; the message says what to do."""
