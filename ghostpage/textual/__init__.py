"""A terminal as a widget of Textual: ``pip install "ghostpage[textual]"``.

:class:`TerminalView` shows what a :class:`ghostpage.session.Session` runs; :class:`ShellApp` is an application around it,
``python -m ghostpage shell``.
"""

from ghostpage.textual.app import ShellApp
from ghostpage.textual.view import TerminalView

__all__ = ["ShellApp", "TerminalView"]
