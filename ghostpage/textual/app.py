"""An application that is one terminal, with a bar to search and a panel of its memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from ghostpage.limits import Limits
from ghostpage.textual.view import TerminalView

__all__ = ["ShellApp"]

PANEL_SECONDS = 0.5


class ShellApp(App[int]):
    """``command`` in a window of its own; returns its exit status when it ends."""

    CSS = """
    #search { display: none; dock: bottom; height: 1; border: none; padding: 0; }
    #memory { display: none; width: 34; height: 100%; padding: 0 1; background: $panel; }
    .shown { display: block !important; }
    TerminalView { width: 1fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("shift+f2,f14", "toggle_search", "search", priority=True),
        Binding("shift+f5,f17", "toggle_memory", "memory", priority=True),
        Binding("shift+f4,f16", "copy_selection", "copy", priority=True),
        Binding("ctrl+q", "none", show=False, priority=False),
        Binding("ctrl+c", "none", show=False, priority=False),
    ]

    def __init__(self, command: str | Sequence[str] | None = None, *, scrollback: Limits = Limits(lines=1_000_000), **session: Any) -> None:
        super().__init__()
        self.view = TerminalView(command, scrollback=scrollback, **session)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.view
            yield Static(id="memory")
        yield Input(placeholder="search, the newest first; Enter: the one before; Escape: back", id="search", compact=True)

    def on_mount(self) -> None:
        self.view.focus()
        self.set_interval(PANEL_SECONDS, self._show_memory)

    def on_terminal_view_ended(self, event: TerminalView.Ended) -> None:
        self.exit(event.exit_status)

    def on_terminal_view_title_changed(self, event: TerminalView.TitleChanged) -> None:
        self.title = event.title

    def on_terminal_view_link_clicked(self, event: TerminalView.LinkClicked) -> None:
        self.open_url(event.url)

    def on_terminal_view_bell(self) -> None:
        self.bell()

    def action_none(self) -> None:
        """The key is the program's."""

    def action_copy_selection(self) -> None:
        self.view.action_copy()

    def action_toggle_search(self) -> None:
        bar = self.query_one("#search", Input)
        bar.toggle_class("shown")
        (bar if bar.has_class("shown") else self.view).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.view.search(event.value)

    def on_input_submitted(self) -> None:
        if not self.view.search_again():
            self.bell()

    def on_key(self, event: Any) -> None:
        if event.key == "escape" and self.query_one("#search", Input).has_focus:
            self.action_toggle_search()

    def action_toggle_memory(self) -> None:
        self.query_one("#memory").toggle_class("shown")
        self._show_memory()

    def _show_memory(self) -> None:
        panel = next(iter(self.query("#memory").results(Static)), None)  # none before the beginning and after the end
        if not panel or not panel.has_class("shown") or not self.view.started:
            return
        terminal = self.view.session.terminal
        use, counters = terminal.memory, terminal.counters
        rows = {
            "history": f"{len(terminal.history):,} rows",
            "mapped": f"{use.mapped:,} bytes",
            "used": f"{use.used:,} bytes",
            "text pages": f"{use.text:,}",
            "grids": f"{use.grid:,}",
            "not standard": f"{use.nonstandard:,}",
            "at most": f"{use.peak:,}",
            "pages pruned": f"{counters.pages_pruned:,}",
            "recycled": f"{counters.pages_recycled:,}",
            "mapped afresh": f"{counters.pages_mapped:,}",
        }
        panel.update("\n".join(["memory", "", *(f"{name:14}{value:>18}" for name, value in rows.items())]))
