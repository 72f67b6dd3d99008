"""What can go wrong with one request. Each returns an action for a `Fault`; an action returns whether the connection is kept."""

import re
import socket
import struct


def refuse(status, code, message="made up", extra=""):
    """The service refuses, after it has taken the body."""

    def refused(visit):
        visit.body()
        visit.say(*visit.made(status, code, message, extra))
        return True

    return refused


def refuse_cut(status, code, message="made up"):
    """The service refuses, and the connection ends within its words."""

    def refused_cut(visit):
        visit.body()
        head, body = visit.made(status, code, message)
        visit.say(head, body[: len(body) // 2])
        return False

    return refused_cut


def page(status):
    """Something before the service answers, with a page and not in the service's form."""

    def paged(visit):
        visit.body()
        head = f"HTTP/1.1 {status} Bad\r\nContent-Type: text/html\r\nContent-Length: 27\r\n\r\n"
        visit.say(head.encode(), b"<html>something bad</html>\n")
        return True

    return paged


def refuse_early(status, code, message="made up", after=16 << 10):
    """The service refuses while the body is being sent, hears the client out, and closes."""

    def refused_early(visit):
        visit.take(after)
        visit.say(*visit.made(status, code, message, "Connection: close\r\n"))
        visit.client.shutdown(socket.SHUT_WR)
        while visit.client.recv(64 << 10):
            pass
        return False

    return refused_early


def refuse_deaf(status, code, message="made up", after=16 << 10):
    """The service refuses while the body is being sent, and takes nothing more of it, without closing."""

    def refused_deaf(visit):
        visit.take(after)
        visit.say(*visit.made(status, code, message))
        visit.front.closing.wait(60)
        return False

    return refused_deaf


def reset(after):
    """The connection is reset when so much of the body has come."""

    def was_reset(visit):
        visit.take(after)
        visit.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return was_reset


def stall(after):
    """Nothing is taken or said any more when so much of the body has come; the connection stays open."""

    def stalled(visit):
        visit.take(after)
        visit.front.closing.wait(60)
        return False

    return stalled


def lose_answer(visit):
    """The service does it; the answer never arrives."""
    visit.forward()
    return False


def hang_up(visit):
    """The answer is right; the connection is closed behind it, and nobody said so."""
    visit.say(*visit.forward())
    return False


def babble(visit):
    """What comes back is not HTTP."""
    visit.body()
    visit.say(b"220 mail.example.com ESMTP ready\r\n\r\n")
    return False


def truncate_head(visit):
    """The service does it; the answer ends within its head."""
    head, _ = visit.forward()
    visit.say(head[: len(head) // 2])
    return False


def truncate_body(visit):
    """The answer ends within its body."""
    head, body = visit.forward()
    assert len(body) > 1, (visit.line, head)
    visit.say(head, body[: len(body) // 2])
    return False


def swell(size):
    """The answer has a header of so many bytes."""

    def swollen(visit):
        head, body = visit.forward()
        visit.say(head[:-2], b"x-filler: " + b"f" * size + b"\r\n\r\n", body)
        return True

    return swollen


def alter_tree(visit):
    """The answer tells another tree hash than that of what came: one digit differs."""
    head, body = visit.forward()
    digit = re.search(rb"(?i)(?<=\r\nx-amz-sha256-tree-hash: )[0-9a-f]", head)
    assert digit, (visit.line, head)
    other = b"1" if digit[0] == b"0" else b"0"
    visit.say(head[: digit.start()], other, head[digit.end() :], body)
    return True
