"""A small mail server that refuses on demand: what it says depends on the name before the @."""

import socketserver
import threading
from contextlib import contextmanager

ANSWERS = {
    "gone": "550 5.1.1 No such user here",
    "plain": "550 No such user",
    "full": "552 5.2.2 Mailbox full",
    "relay": "554 5.7.1 Relay access denied",
    "later": "450 4.2.0 Greylisted, try again",
}
REFUSED_CONTENT = "554 5.6.0 Message refused"


class _Conversation(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self):
        self.say("220 sink")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb in {"EHLO", "HELO", "MAIL", "RSET"}:
                self.say("250 ok")
            elif verb == "RCPT":
                recipient = line.split("<")[1].split(">")[0]
                self.server.asked.append(recipient)
                self.say(self.server.answers.get(recipient.split("@")[0], "250 ok"))
            elif verb == "DATA":
                self.take(recipient)
            elif verb == "QUIT":
                self.say("221 bye")
                return

    def take(self, recipient):
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        data = b"".join(lines)
        if recipient.startswith("odd"):
            self.say(REFUSED_CONTENT)
            return
        self.server.taken.append((recipient, data))
        self.say("250 taken")


@contextmanager
def listening():
    """Run the server; it has ``port``, ``asked`` (each recipient named) and ``taken`` mails."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation) as server:
        server.daemon_threads = True
        server.asked, server.taken, server.answers = [], [], dict(ANSWERS)
        server.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
