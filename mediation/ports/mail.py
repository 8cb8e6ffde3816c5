"""Mail: by SMTP, or shown on the console or kept in a folder where no server is set.

`send` returns when the next server has taken the mail and raises `OSError` or `SMTPException` when it has not; the job that called
it tries again. The same `key` gives the same Message-ID, so that a mail sent twice can be recognised as one.
"""

import hashlib
import smtplib
import ssl
import sys
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import unquote, urlsplit

SECONDS = 30
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Mail:
    """A plain text to one address; `key` names this mail for good."""

    to: str
    subject: str
    text: str
    key: str = ""


class Mailer(Protocol):
    """Sends mails out of the house."""

    def send(self, mail: Mail) -> None: ...


class BadAddress(ValueError):
    """No mail can be sent there, now or later."""


@dataclass(frozen=True)
class SmtpMailer:
    """Hands mails to a server: `smtp://` (with TLS as soon as it is offered) or `smtps://`."""

    url: str
    sender: str

    def __repr__(self) -> str:
        return f"SmtpMailer({urlsplit(self.url).hostname!r})"

    def send(self, mail: Mail) -> None:
        message = compose(mail, sender=self.sender)
        with self._connected() as server:
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif parts.username and host not in _LOOPBACK:
                server.close()
                raise smtplib.SMTPException("the server offers no TLS; the password stays here")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


@dataclass(frozen=True)
class ConsoleMailer:
    """Shows mails to whoever started the server: for the demo, and for a first look."""

    out: TextIO | None = None

    def send(self, mail: Mail) -> None:
        text = "".join(each for each in mail.text if each.isprintable() or each in "\n\t")
        print(
            f"\n✉ {one_line(mail.to)}\n  {one_line(mail.subject)}\n\n{text}\n",
            file=self.out or sys.stderr,
            flush=True,
        )


@dataclass(frozen=True)
class FolderMailer:
    """Keeps each mail as an .eml file, which any mail program opens."""

    folder: Path
    sender: str

    def send(self, mail: Mail) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        message = compose(mail, sender=self.sender)
        name = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
        (self.folder / f"{name}.eml").write_bytes(message.as_bytes())


def mailer(*, smtp: str, sender: str) -> Mailer:
    """What the settings ask for: a server, `file:///a/folder`, or nothing but the console."""
    if smtp.startswith("file:"):
        return FolderMailer(Path(unquote(urlsplit(smtp).path)), sender)
    return SmtpMailer(smtp, sender) if smtp else ConsoleMailer()


def compose(mail: Mail, *, sender: str) -> EmailMessage:
    """The message as it goes out. A line end in an address or a subject cannot begin another header."""
    message = EmailMessage(policy=SMTP)
    origin = _address(sender)
    message["From"] = origin
    message["To"] = _address(mail.to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = formatdate(usegmt=True)
    named = mail.key or f"{mail.to}\n{mail.subject}\n{mail.text}"
    message["Message-ID"] = f"<{hashlib.sha256(named.encode()).hexdigest()[:32]}@{origin.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, charset="utf-8")
    return message


def one_line(text: str) -> str:
    """Without line ends and control characters, which end a header or move a cursor."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _address(text: str) -> Address:
    if not text.isprintable():
        raise BadAddress("an address is one line")
    shown, spec = parseaddr(text)
    try:
        address = Address(display_name=one_line(shown), addr_spec=spec)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress("not an address") from error
    if not address.username or not address.domain:
        raise BadAddress("not an address")
    return address
