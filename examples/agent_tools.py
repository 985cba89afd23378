"""A server of the Model Context Protocol with which an agent uses terminals: run, type, wait, close.

    python examples/agent_tools.py

Messages are JSON-RPC 2.0, one a line, on standard input and output. Each answer has the lines that have scrolled by since the
one before and the screen, so that an agent reads what is new and nothing twice. Needs nothing but the standard library.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, TextIO

import ghostpage
from ghostpage import Limits
from ghostpage.lines import LineCursor
from ghostpage.session import Session

MOST_SESSIONS = 16
MOST_LINES = 200  # in one answer, the last of them; the agent may ask the program for the rest
HISTORY = Limits(bytes=16 * 1024 * 1024)


class Terminals:
    """The tools, each a method that returns text."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.cursors: dict[str, LineCursor] = {}
        self.started = 0

    def run(self, command: str, columns: int = 80, rows: int = 24, pattern: str = "", timeout: float = 5) -> str:
        if len(self.sessions) >= MOST_SESSIONS:
            raise ValueError(f"{MOST_SESSIONS} sessions are open; close one")
        session = Session(command, columns, rows, scrollback=HISTORY)
        self.started += 1
        self.sessions[str(self.started)] = session
        return f"session {self.started}\n{self.wait(str(self.started), pattern, timeout)}"

    def type(self, session: str, text: str = "", key: str = "", pattern: str = "", timeout: float = 5) -> str:
        program = self.sessions[session]
        program.send(text, timeout=5)
        if key:
            *modifiers, name = key.split("+") if len(key) > 1 else [key]
            program.send(program.terminal.key(name, modifiers), timeout=5)
        return self.wait(session, pattern, timeout)

    def wait(self, session: str, pattern: str = "", timeout: float = 5) -> str:
        program = self.sessions[session]
        if pattern:
            program.wait_for(re.compile(pattern), timeout)
        else:
            program.wait_stable(min(0.5, timeout), timeout)
        return self.news(session)

    def close(self, session: str) -> str:
        self.sessions.pop(session).close()
        self.cursors.pop(session, None)
        return f"session {session} is closed"

    def news(self, name: str) -> str:
        session = self.sessions[name]
        reading = session.changes_since(self.cursors.get(name))
        self.cursors[name] = reading.cursor
        lines = reading.lines[-MOST_LINES:]
        missed = reading.dropped + len(reading.lines) - len(lines)
        state = "running" if session.running else f"ended with status {session.exit_status}"
        return "\n".join([f"[{state}, {missed} lines left out]", *lines, "[screen]", session.screen_text()])

    def close_all(self) -> None:
        for name in [*self.sessions]:
            self.close(name)


STRING, INTEGER = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 1000}
WAITING = {
    "pattern": {"type": "string", "description": "A regular expression to wait for; else until nothing is printed any more."},
    "timeout": {"type": "number", "description": "Seconds."},
}
TOOLS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "run": ("Run a program in a terminal.", {"command": STRING, "columns": INTEGER, "rows": INTEGER, **WAITING}, ["command"]),
    "type": (
        "Type text, and press a key such as enter, up, f1 or ctrl+c.",
        {"session": STRING, "text": STRING, "key": STRING, **WAITING},
        ["session"],
    ),
    "wait": ("Wait, and read what is new.", {"session": STRING, **WAITING}, ["session"]),
    "close": ("End a program.", {"session": STRING}, ["session"]),
}


class Refusal(Exception):
    """An error of the protocol: its code and text."""


def answer(terminals: Terminals, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a request."""
    if method == "initialize":
        version = params.get("protocolVersion", "2025-06-18")
        server = {"name": "ghostpage-terminals", "version": ghostpage.__version__}
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server}
    if method == "ping":
        return {}
    if method == "tools/list":
        return {
            "tools": [
                {"name": name, "description": text, "inputSchema": {"type": "object", "properties": fields, "required": needed}}
                for name, (text, fields, needed) in TOOLS.items()
            ]
        }
    if method != "tools/call":
        raise Refusal(-32601, f"no method {method}")
    name, arguments = params.get("name"), params.get("arguments", {})
    if name not in TOOLS:
        raise Refusal(-32602, f"no tool {name}")
    try:  # what goes wrong in a tool is for the agent to read
        text, failed = getattr(terminals, name)(**arguments), False
    except KeyError as error:
        text, failed = f"no session {error}", True
    except (ghostpage.Error, OSError, TypeError, ValueError, re.error) as error:
        text, failed = f"{type(error).__name__}: {error}", True
    return {"content": [{"type": "text", "text": text}], "isError": failed}


def serve(requests: TextIO, replies: TextIO) -> None:
    """Until there are no more requests."""
    terminals = Terminals()
    try:
        for line in requests:
            reply: dict[str, Any] = {"jsonrpc": "2.0", "id": None}
            try:
                request = json.loads(line)
                if request["jsonrpc"] == "2.0" and "id" not in request:  # a notification
                    continue
                reply["id"] = request["id"]
                reply["result"] = answer(terminals, request["method"], request.get("params") or {})
            except Refusal as error:
                reply["error"] = {"code": error.args[0], "message": error.args[1]}
            except (ValueError, TypeError, KeyError, AttributeError):
                reply["error"] = {"code": -32700, "message": "not a request of JSON-RPC 2.0"}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()
    finally:
        terminals.close_all()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
