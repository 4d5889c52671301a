"""What the clients raise."""


class Error(RuntimeError):
    """Something went wrong between this program and the kernel; the text says what."""


class CommandFailedError(Error):
    """The kernel said no; the text is its reason."""


class CannotConnectError(Error):
    """No kernel answers at the endpoint.

    Attributes:
        said: what something that listens there has said, in one line; mostly nothing.
    """

    said: str = ""


class LostConnectionError(Error):
    """The connection ended before the reply had come; the command may have been carried out."""


class TimedOutError(LostConnectionError):
    """The reply did not come in time; the command may have been carried out."""
