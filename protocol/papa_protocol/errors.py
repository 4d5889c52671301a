"""The errors of the protocol, told apart by whose fault they are."""


class CommandError(Exception):
    """A command that cannot be carried out; its text is the reply to the user."""


class ProtocolError(Exception):
    """Bytes or words that the wire format does not allow."""


class LocalProtocolError(ProtocolError):
    """Our side asked for something that the dialect in use cannot carry."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the wire format does not allow."""
