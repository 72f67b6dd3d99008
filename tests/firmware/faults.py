"""What can go wrong with one request: actions for a `Fault`. An action returns whether the connection is kept open."""

import re
import socket
import struct


def error(status, code, message="made up", extra=""):
    """An error response, after the whole body was received."""

    def error_response(exchange):
        exchange.body()
        exchange.send(*exchange.error(status, code, message, extra))
        return True

    return error_response


def truncated_error(status, code, message="made up"):
    """An error response whose body is truncated."""

    def truncated(exchange):
        exchange.body()
        head, body = exchange.error(status, code, message)
        exchange.send(head, body[: len(body) // 2])
        return False

    return truncated


def html_page(status):
    """An HTML page from an intermediary instead of a service error."""

    def page(exchange):
        exchange.body()
        head = f"HTTP/1.1 {status} Bad\r\nContent-Type: text/html\r\nContent-Length: 27\r\n\r\n"
        exchange.send(head.encode(), b"<html>something bad</html>\n")
        return True

    return page


def early_error(status, code, message="made up", after=16 << 10):
    """An error response while the body is being sent; the service reads what the client still sends, and closes."""

    def early(exchange):
        exchange.receive(after)
        exchange.send(*exchange.error(status, code, message, "Connection: close\r\n"))
        exchange.client.shutdown(socket.SHUT_WR)
        while exchange.client.recv(64 << 10):
            pass
        return False

    return early


def early_error_then_stall(status, code, message="made up", after=16 << 10):
    """An error response while the body is being sent; the service stops reading, and does not close."""

    def early_then_stalled(exchange):
        exchange.receive(after)
        exchange.send(*exchange.error(status, code, message))
        exchange.proxy.closing.wait(60)
        return False

    return early_then_stalled


def reset(after):
    """The connection is reset after `after` bytes of the body."""

    def was_reset(exchange):
        exchange.receive(after)
        exchange.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return was_reset


def stall(after):
    """After `after` bytes of the body nothing is read or sent any more; the connection stays open."""

    def stalled(exchange):
        exchange.receive(after)
        exchange.proxy.closing.wait(60)
        return False

    return stalled


def lose_response(exchange):
    """The service acts; its response never arrives."""
    exchange.forward()
    return False


def close_after(exchange):
    """The response is right; the connection is closed after it without announcement."""
    exchange.send(*exchange.forward())
    return False


def not_http(exchange):
    """The response is not HTTP."""
    exchange.body()
    exchange.send(b"220 mail.example.com ESMTP ready\r\n\r\n")
    return False


def truncate_head(exchange):
    """The service acts; its response ends within the head."""
    head, _ = exchange.forward()
    exchange.send(head[: len(head) // 2])
    return False


def truncate_body(exchange):
    """The response ends within its body."""
    head, body = exchange.forward()
    assert len(body) > 1, (exchange.line, head)
    exchange.send(head, body[: len(body) // 2])
    return False


def long_header(size):
    """The response has a header of `size` bytes."""

    def with_long_header(exchange):
        head, body = exchange.forward()
        exchange.send(head[:-2], b"x-filler: " + b"f" * size + b"\r\n\r\n", body)
        return True

    return with_long_header


def alter_tree(exchange):
    """One digit of the response's tree hash is changed."""
    head, body = exchange.forward()
    digit = re.search(rb"(?i)(?<=\r\nx-amz-sha256-tree-hash: )[0-9a-f]", head)
    assert digit, (exchange.line, head)
    other = b"1" if digit[0] == b"0" else b"0"
    exchange.send(head[: digit.start()], other, head[digit.end() :], body)
    return True
