"""Mail: one line stays one line, and the same mail is recognised as the same."""

import io
import smtplib
import socketserver
import threading
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import ClassVar

import pytest

from mediation.ports.mail import BadAddress, ConsoleMailer, Mail, SmtpMailer, compose, mailer

SENDER = "Court Mediation <court@example.org>"


def test_a_line_end_in_a_subject_begins_no_header() -> None:
    mail = Mail(
        "chen@example.org", "Your code\r\nBcc: everybody@example.org\x00\u2028X: y", "您的验证码：482913"
    )

    sent = message_from_bytes(compose(mail, sender=SENDER).as_bytes(), policy=default)

    assert sent["Bcc"] is None
    assert sent["X"] is None
    assert sent["Subject"] == "Your code Bcc: everybody@example.org X: y"
    assert sent.get_content().strip() == "您的验证码：482913"


@pytest.mark.parametrize("to", ["", "nobody", "a@b\r\nBcc: c@d", "a@", "@b", "a@b, c@d\n"])
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    with pytest.raises(BadAddress):
        compose(Mail(to, "s", "t"), sender=SENDER)


def test_the_same_key_gives_the_same_message_id_and_another_key_another() -> None:
    first = compose(Mail("a@example.org", "s", "t", key="k1"), sender=SENDER)["Message-ID"]
    again = compose(Mail("a@example.org", "s", "t", key="k1"), sender=SENDER)["Message-ID"]
    other = compose(Mail("a@example.org", "s", "t", key="k2"), sender=SENDER)["Message-ID"]

    assert first == again
    assert first != other


def test_the_console_shows_who_what_and_no_escape_sequences() -> None:
    shown = io.StringIO()

    ConsoleMailer(shown).send(Mail("chen@example.org", "您的验证码", "482913\x1b[2J"))

    assert "chen@example.org" in shown.getvalue()
    assert "482913" in shown.getvalue()
    assert "\x1b" not in shown.getvalue()


def test_a_folder_keeps_one_file_a_mail(tmp_path: Path) -> None:
    folder = mailer(smtp=f"file://{tmp_path}", sender=SENDER)

    folder.send(Mail("chen@example.org", "s", "t", key="k1"))
    folder.send(Mail("chen@example.org", "s", "t", key="k1"))
    folder.send(Mail("bo@example.org", "s", "t", key="k2"))

    assert len(list(tmp_path.glob("*.eml"))) == 2


class OneMail(socketserver.StreamRequestHandler):
    """A mail server that takes one mail, or says that it is full."""

    received: ClassVar[list[bytes]]
    full = False

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA" and not self.full:
                self.wfile.write(b"354 go on\r\n")
                self.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"452 full\r\n" if self.full and verb == b"MAIL" else b"250 ok\r\n")


@pytest.mark.parametrize("full", [False, True])
def test_a_mail_is_sent_when_the_server_has_taken_it_and_not_before(full: bool) -> None:
    class Handler(OneMail):
        received: ClassVar[list[bytes]] = []

    Handler.full = full
    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        sender = mailer(smtp=f"smtp://127.0.0.1:{server.server_address[1]}", sender=SENDER)

        if full:
            with pytest.raises(smtplib.SMTPException):
                sender.send(Mail("chen@example.org", "您好", "text"))
        else:
            sender.send(Mail("chen@example.org", "您好", "text"))

    assert len(Handler.received) == (0 if full else 1)


def test_a_password_does_not_show() -> None:
    assert "secret" not in repr(SmtpMailer("smtp://me:secret@mail.example.org", SENDER))
