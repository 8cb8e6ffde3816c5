"""Short messages: numbers are numbers, and a gateway that refuses is noticed."""

import io
import json
import threading
import urllib.error
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mediation.ports.sms import BadNumber, ConsoleTexter, Sms, number, texter


def test_numbers_are_written_as_gateways_take_them() -> None:
    assert number(" +86 138-0000-0001 ") == "+8613800000001"
    assert number("010 (6555) 0000") == "01065550000"


@pytest.mark.parametrize("text", ["", "chen", "138\r\n0000", "138,139", "+", "１３８００００"])
def test_what_is_no_number_gets_no_message(text: str) -> None:
    with pytest.raises(BadNumber):
        number(text)


def test_the_console_shows_the_message() -> None:
    shown = io.StringIO()

    ConsoleTexter(shown).send(Sms("13800000001", "您的验证码是 482913"))

    assert "13800000001" in shown.getvalue()
    assert "482913" in shown.getvalue()


@pytest.mark.parametrize("status", [200, 503])
def test_a_gateway_gets_json_and_its_refusal_is_raised(status: int) -> None:
    received: list[dict[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        gateway = texter(url=f"http://127.0.0.1:{server.server_address[1]}/send?key=secret")
        assert "secret" not in repr(gateway)

        if status == 200:
            gateway.send(Sms("138 0000 0001", "您好", key="k1"))
        else:
            with pytest.raises(urllib.error.HTTPError) as caught:
                gateway.send(Sms("138 0000 0001", "您好", key="k1"))
            caught.value.close()

    assert received == [{"to": "13800000001", "text": "您好", "key": "k1"}]
