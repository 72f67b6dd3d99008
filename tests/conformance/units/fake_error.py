"""Errors of the fake, with the status that belongs to the code."""

INVALID, NOT_FOUND, DENIED = "InvalidParameterValueException", "ResourceNotFoundException", "AccessDeniedException"
ABSENT = "NotImplementedException"


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.status = {NOT_FOUND: 404, DENIED: 403, ABSENT: 501}.get(code, 400)
